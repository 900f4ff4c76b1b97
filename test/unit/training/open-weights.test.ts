import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../../src/core/errors.ts';
import type { NamedTensor } from '../../../src/core/trainer.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { encodeSafetensors, type WritableTensor } from '../../../src/trainers/safetensors.ts';
import { toMetadata } from '../../../src/training/checkpoint-metadata.ts';
import { openWeights } from '../../../src/training/open-weights.ts';
import { folderOf } from '../../support/folders.ts';
import { foreignCase, foreignFile, foreignTensors } from '../../support/foreign-golden.ts';
import { formulaWeights } from '../../support/formula.ts';
import { torchGolden } from '../../support/torch-files.ts';

const nano = efficientNet({ variant: 'nano', classes: 3 });
const weights = formulaWeights(nano) as Record<string, WritableTensor>;
const fails = async (path: string, choice?: Parameters<typeof openWeights>[1]) => {
  const error = await openWeights(path, choice).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(MillraceError);
  return error as MillraceError;
};

describe('weights that others saved', () => {
  it('are told by their names and shapes, and what is assumed is said in a line', async () => {
    const path = foreignFile(weights);
    const opened = await openWeights(path, undefined);
    expect(opened.model.name).toBe('efficientnet-nano');
    // records name only what is not the variant's own
    expect(opened.model.options).toEqual({ variant: 'nano', classes: 3 });
    expect(opened).toMatchObject({ classes: ['0', '1', '2'], isNumbered: true, imageSize: 64 });
    expect(opened.said).toEqual([
      `${path}: efficientnet-nano with the names of NVIDIA; batch norm's epsilon 0.001 (assumed, --bn-epsilon overrides), padding torch (assumed, --padding overrides)`,
    ]);
  });

  it('come from TensorFlow where timm’s config.json says so, which may tell of another normalization', async () => {
    const tensors = foreignTensors(foreignCase('efficientnet_b0 of timm'));
    const config = { architecture: 'tf_efficientnet_b0', pretrained_cfg: { mean: [0.5, 0.5, 0.5] } };
    const path = foreignFile(tensors, config);
    const { model, said } = await openWeights(path, undefined);
    expect(model.options).toEqual({ variant: 'b0', classes: 100, padding: 'same' });
    expect(said.at(-1)).toBe(
      `${path}: was trained on images of mean 0.5, 0.5, 0.5, as config.json says; here they have ImageNet's, 0.485, 0.456, 0.406`,
    );
    const own = await openWeights(foreignFile(tensors, { architecture: 'efficientnet_b0' }), undefined);
    expect(own.model.options).toEqual({ variant: 'b0', classes: 100, batchNormEpsilon: 1e-5 });
  });

  it('are computed as is given, and that is said', async () => {
    const given = { batchNormEpsilon: 1e-4, padding: 'same' } as const;
    const { model, said } = await openWeights(foreignFile(weights), given);
    expect(model.batchNorm.epsilon).toBe(1e-4);
    expect(model.padding).toBe('same');
    expect(said[0]).toMatch(/batch norm's epsilon 0\.0001 \(as given\), padding same \(as given\)$/);
  });

  it('of a quantised model are read without its ranges, of which a line tells', async () => {
    const range = { shape: [], data: Float32Array.of(1) };
    const ranges = {
      'stem.conv._input_quantizer._amax': range,
      'classifier.fc._weight_quantizer._amax': range,
    };
    const path = foreignFile({ ...weights, ...ranges });
    const opened = await openWeights(path, undefined);
    expect(Object.keys(opened.weights)).toEqual(Object.keys(weights));
    expect(opened.said[0]).toBe(
      `${path}: 2 ranges of quantisers are passed over, such as stem.conv._input_quantizer._amax`,
    );
  });

  it('of no family that is known are refused by their first names, with the families', async () => {
    const path = `${folderOf({ 'w.pth': torchGolden('state-dict.pth') })}/w.pth`;
    const error = await fails(path);
    expect(error.code).toBe('UNKNOWN_WEIGHTS');
    expect(error.message).toBe(
      `${path}: its tensors have the names of no EfficientNet that is known (those of NVIDIA, timm, torchvision, efficientnet-pytorch): matrix.weight, parameter.weight, channels_last.weight, transposed.weight, part.weight, and 6 more`,
    );
  });

  it('of no variant ask for its name, and then name the tensor that does not fit', async () => {
    const other = { ...weights, 'stem.bn.bias': { shape: [9], data: new Float32Array(9) } };
    const path = foreignFile(other);
    expect(await fails(path)).toMatchObject({ code: 'ARCHITECTURE_NEEDED' });
    expect(await fails(path, 'efficientnet-nano')).toMatchObject({
      code: 'STATE_MISMATCH',
      message: `${path}: stem.bn.bias: expected shape [8], got [9]`,
    });
  });

  it('of a file from before PyTorch 1.6 are refused by it', async () => {
    const path = `${folderOf({ 'w.pth': torchGolden('legacy.pth') })}/w.pth`;
    expect(await fails(path)).toMatchObject({ code: 'LEGACY_TORCH_FILE' });
  });
});

describe('a checkpoint of ours', () => {
  const info = { model: nano, classes: ['a', 'b', 'c'], imageSize: 32, interpolation: 'bicubic' } as const;
  const path = () => {
    const file = encodeSafetensors({
      tensors: weights as Record<string, NamedTensor>,
      metadata: toMetadata(info),
    });
    return `${folderOf({ 'w.safetensors': file })}/w.safetensors`;
  };

  it('says itself what it is, and nothing is assumed', async () => {
    const { said, classes, isNumbered, imageSize } = await openWeights(path(), undefined);
    expect({ said, classes, isNumbered, imageSize }).toEqual({
      ...{ said: [], classes: info.classes, isNumbered: false, imageSize: 32 },
    });
  });

  it('is computed with another epsilon or padding where that is given', async () => {
    const { model } = await openWeights(path(), { padding: 'same' });
    expect({ padding: model.padding, epsilon: model.batchNorm.epsilon }).toEqual({
      padding: 'same',
      epsilon: 1e-3,
    });
  });

  it('is of no other model', async () => {
    expect(await fails(path(), 'efficientnet-b0')).toMatchObject({ code: 'OTHER_MODEL' });
  });
});
