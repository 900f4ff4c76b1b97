import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TensorMap, Trainer } from '../../../src/core/trainer.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import { type EfficientNet, efficientNet } from '../../../src/models/efficientnet.ts';
import { initialWeights } from '../../../src/models/parameters.ts';
import { encodeSafetensors, type WritableTensor } from '../../../src/trainers/safetensors.ts';
import { toMetadata } from '../../../src/training/checkpoint-metadata.ts';
import type { TrainOptions } from '../../../src/training/train-options.ts';
import { train } from '../../../src/training/training.ts';
import { folderOf } from '../../support/folders.ts';
import { foreignCase, foreignFile, foreignTensors } from '../../support/foreign-golden.ts';
import { formulaWeights } from '../../support/formula.ts';
import { patternItems } from '../../support/raw-images.ts';
import { countingTrainer } from '../../support/trainers.ts';

const classes = ['cat', 'dog', 'fox'];
const data = images(
  patternItems(9).map((item, i) => ({ ...item, label: i % 3 })),
  { classes },
);
const head = /^classifier\.fc\./;

/** A trainer that keeps what it was given, and learns nothing. */
function keepingTrainer() {
  const kept: { model?: EfficientNet; weights?: TensorMap } = {};
  const trainer: Trainer<EfficientNet> = {
    ...countingTrainer(),
    name: 'keeping',
    prepare: async (model) => {
      kept.model = model;
      kept.weights = initialWeights(model, 0, (name) => name.startsWith('stem'));
    },
    state: async () => ({ weights: kept.weights ?? {}, optimizer: {} }),
    load: async ({ weights }) => {
      kept.weights = weights;
    },
  };
  return { kept, trainer: trainer as Trainer };
}

/** What a training from these weights begins with, and what it says. */
async function begin(pretrained: string, more: Partial<TrainOptions> = {}) {
  const { kept, trainer } = keepingTrainer();
  const workspace = folderOf();
  const training = train({
    ...{ data, trainer, workspace, evaluation: false, pretrained, maxSteps: 1 },
    ...{ recipe: { imageSize: 8 }, stream: { batchSize: 4, workers: 0, seed: 5 } },
    ...more,
  } as TrainOptions);
  const said: string[] = [];
  training.subscribe({
    next: (event) => event.type === 'warning' && said.push(event.message),
    error: () => {},
  });
  const { checkpoint } = await training.result;
  return { ...(kept as Required<typeof kept>), said, checkpoint: checkpoint as string, workspace };
}

const nano = (options = {}) => efficientNet({ variant: 'nano', classes: 3, ...options });
const numbered = (count = 3) =>
  foreignFile(formulaWeights(nano({ classes: count })) as Record<string, WritableTensor>);

/** A checkpoint of ours of these classes. */
function own(names: readonly string[], model = nano({ classes: names.length })): string {
  const metadata = toMetadata({ model, classes: names, imageSize: 64, interpolation: 'bilinear' });
  const file = encodeSafetensors({
    tensors: formulaWeights(model) as Record<string, WritableTensor>,
    metadata,
  });
  return join(folderOf({ 'own.safetensors': file }), 'own.safetensors');
}

describe('a training from weights of timm', () => {
  it('has the variant that they are of and the epsilon of timm, and its record says so', async () => {
    const path = foreignFile(foreignTensors(foreignCase('efficientnet_b0 of timm')));
    const { model, weights, said, workspace, checkpoint } = await begin(path);
    expect(model).toMatchObject({ name: 'efficientnet-b0', classes: 3, batchNorm: { epsilon: 1e-5 } });
    expect(weights['stem.conv.weight']?.shape).toEqual([32, 3, 3, 3]);
    expect(said.slice(0, 2)).toEqual([
      `${path}: efficientnet-b0 with the names of timm; batch norm's epsilon 0.00001 (assumed, --bn-epsilon overrides), padding torch (assumed, --padding overrides)`,
      `${path}: its classifier (classifier.fc) is of 100 classes, and 3 are trained: drawn anew`,
    ]);
    // a resumed training needs neither the file nor to be told again
    rmSync(path);
    const { kept, trainer } = keepingTrainer();
    await train({ resume: checkpoint, data, trainer, workspace }).result;
    expect(kept.model).toMatchObject({ name: 'efficientnet-b0', batchNorm: { epsilon: 1e-5 } });
  });
});

describe('the model of a training from weights', () => {
  it.each<[string, Partial<TrainOptions>, number, string]>([
    ['named', { model: 'efficientnet-nano' }, 1e-3, 'torch'],
    ['described', { model: { batchNormEpsilon: 0.01 } }, 0.01, 'torch'],
    ['built', { model: nano({ padding: 'same' }) }, 1e-3, 'same'],
  ])('is the one that is %s', async (_, options, epsilon, padding) => {
    const { model } = await begin(numbered(), options);
    expect(model).toMatchObject({ name: 'efficientnet-nano', padding, batchNorm: { epsilon } });
  });

  it('has the epsilon and the padding of a checkpoint of ours, and its shape, unless that is given', async () => {
    const path = own(classes, nano({ width: 0.5, batchNormEpsilon: 1e-5, padding: 'same' }));
    const { model } = await begin(path);
    expect(model.options).toMatchObject({
      variant: 'nano',
      width: 0.5,
      batchNormEpsilon: 1e-5,
      padding: 'same',
    });
    const given = await begin(path, { model: { variant: 'nano' } });
    expect(given.model.options).toMatchObject({ variant: 'nano', batchNormEpsilon: 1e-5, padding: 'same' });
    expect(given.model.options.width).toBeUndefined();
  });

  it('is that of a preset, with the epsilon of the file', async () => {
    const path = foreignFile(foreignTensors(foreignCase('efficientnet_b0 of torchvision')));
    const { model } = await begin(path, { preset: 'efficientnet-b0' });
    expect(model).toMatchObject({ name: 'efficientnet-b0', batchNorm: { epsilon: 1e-5 } });
  });
});

describe('the classifier of a training from weights', () => {
  it('is kept where the classes are the same, and nothing is said', async () => {
    const { weights, said } = await begin(own(classes));
    expect(weights).toEqual(formulaWeights(nano()));
    expect(said.filter((line) => line.includes('classifier'))).toEqual([]);
  });

  it.each<[string, () => string, string]>([
    ['more', () => own([...classes, 'owl']), 'is of 4 classes, and 3 are trained: drawn anew'],
    [
      'other',
      () => own(['cat', 'dog', 'owl']),
      'is of other classes (cat, dog, owl) than the data (cat, dog, fox): drawn anew',
    ],
    ['reordered', () => own(['dog', 'cat', 'fox']), 'is of the same classes in another order: drawn anew'],
    ['numbered, and more,', () => numbered(5), 'is of 5 classes, and 3 are trained: drawn anew'],
  ])(
    'is drawn anew where the classes are %s, by the seed, in a line that names it',
    async (_, file, message) => {
      const path = file();
      const { model, weights, said } = await begin(path);
      expect(said).toContain(`${path}: its classifier (classifier.fc) ${message}`);
      const fresh = initialWeights(model, 5, (name) => head.test(name));
      expect(Object.fromEntries(Object.entries(weights).filter(([name]) => head.test(name)))).toEqual(fresh);
      const body = Object.entries(formulaWeights(model)).filter(([name]) => !head.test(name));
      expect(weights).toMatchObject(Object.fromEntries(body));
    },
  );

  it('of as many numbered classes is kept, and a line says for which it is taken', async () => {
    const path = numbered();
    const { weights, said } = await begin(path);
    expect(weights).toEqual(formulaWeights(nano()));
    expect(said).toContain(
      `${path}: its classifier is kept: its 3 classes have no names, and are taken for the data's in their order (cat, dog, fox)`,
    );
  });
});

describe('weights of unknown names', () => {
  const file = (name: string) => foreignFile({ [name]: { shape: [1], data: Float32Array.of(7) } });

  it('are loaded into a trainer that has these names', async () => {
    const { weights } = await begin(file('stem.conv.weight'), { model: 'efficientnet-nano' });
    expect(weights).toEqual({ 'stem.conv.weight': { shape: [1], data: Float32Array.of(7) } });
  });

  it('are refused by a trainer that has others', async () => {
    const path = file('w');
    await expect(begin(path, { model: 'efficientnet-nano' })).rejects.toMatchObject({
      code: 'UNKNOWN_WEIGHTS',
    });
  });
});
