import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TrainerState } from '../../../src/core/trainer.ts';
import { exportOnnx } from '../../../src/index.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { saveCheckpoint } from '../../../src/trainers/checkpoint.ts';
import { toMetadata } from '../../../src/training/checkpoint-metadata.ts';
import { coded } from '../../support/errors.ts';
import { folderOf } from '../../support/folders.ts';
import { formulaWeights } from '../../support/formula.ts';
import { logitsOf, photoInput } from '../../support/onnx.ts';
import { readOnnx } from '../../support/onnx-file.ts';
import { quantizedCheckpoint } from '../../support/quantized-checkpoint.ts';

const model = efficientNet({ width: 0.125, depth: 0.25, resolution: 32, classes: 4 });
const weights = formulaWeights(model);
const info = { model, classes: ['cat', 'dog', 'fox'], imageSize: 32, interpolation: 'bicubic' } as const;

/** A workspace with a checkpoint in it. */
async function workspaceWith(state: Partial<TrainerState> = {}, metadata = toMetadata(info)) {
  const workspace = folderOf();
  const checkpoint = join(workspace, 'checkpoint.safetensors');
  await saveCheckpoint(checkpoint, { state: { weights, optimizer: {}, ...state }, metadata });
  return { workspace, checkpoint, out: join(workspace, 'model.onnx') };
}

const grey = { width: 40, height: 50, data: new Uint8Array(40 * 50 * 3).fill(128) };

describe('exportOnnx', () => {
  it("writes a workspace's last checkpoint, and says what the file is", async () => {
    const { workspace, out } = await workspaceWith();
    const exported = await exportOnnx({ checkpoint: workspace, out });
    const file = readFileSync(out);
    expect(exported).toEqual({
      path: out,
      bytes: file.length,
      model: 'efficientnet-b0',
      imageSize: 32,
      profile: undefined,
      input: { name: 'photo', type: 'uint8', shape: ['height', 'width', 3] },
      output: { name: 'logits', type: 'float32', shape: [1, 4] },
      // the model has more outputs than the data had classes
      classes: ['cat', 'dog', 'fox', '3'],
    });
    expect((await logitsOf(file, photoInput(grey))).length).toBe(4);
  });

  it('says in the file how to use it', async () => {
    const { checkpoint, out } = await workspaceWith();
    await exportOnnx({ checkpoint, out, input: 'pixels' });
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(readOnnx(readFileSync(out))).toEqual({
      irVersion: 8,
      opset: 17,
      producer: `millrace ${version}`,
      metadata: {
        millrace: version,
        model: 'efficientnet-b0',
        input: 'pixels',
        classes: '["cat","dog","fox","3"]',
        imageSize: '32',
        shortSide: '37',
        crop: 'center',
        interpolation: 'bicubic',
        mean: '[0.485,0.456,0.406]',
        std: '[0.229,0.224,0.225]',
      },
    });
  });

  it.each([
    ['photo', 18, 'uint8', ['height', 'width', 3], 1],
    ['pixels', 17, 'uint8', ['batch', 32, 32, 3], 'batch'],
    ['tensor', 17, 'float32', ['batch', 3, 32, 32], 'batch'],
  ] as const)('writes a file that takes %s, of opset %i', async (input, opset, type, shape, rows) => {
    const { checkpoint, out } = await workspaceWith();
    const exported = await exportOnnx({ checkpoint, out, input });
    expect(exported.input).toEqual({ name: input, type, shape });
    expect(exported.output.shape).toEqual([rows, 4]);
    expect(readOnnx(readFileSync(out)).opset).toBe(opset);
  });

  it('takes the moving average where that is asked for', async () => {
    const average = formulaWeights(model, 'other ');
    const { checkpoint, out } = await workspaceWith({ average });
    const other = await workspaceWith({ weights: average });
    await exportOnnx({ checkpoint, out, average: true });
    await exportOnnx({ checkpoint: other.checkpoint, out: other.out });
    expect(readFileSync(out).equals(readFileSync(other.out))).toBe(true);
  });

  it('writes no file where something is wrong with the checkpoint', async () => {
    const { checkpoint, out } = await workspaceWith();
    const damaged = join(folderOf({ a: readFileSync(checkpoint).subarray(0, 5000) }), 'a');
    const foreign = (await workspaceWith({}, {})).checkpoint;
    const { 'stem.bn.bias': _, ...others } = weights;
    const lacking = (await workspaceWith({ weights: others })).checkpoint;
    const unreadable = (await workspaceWith({}, { ...toMetadata(info), classes: '["cat' })).checkpoint;
    const failures = [
      [{ checkpoint: join(out, 'none') }, 'CHECKPOINT_UNREADABLE', /none: the checkpoint cannot be read/],
      [{ checkpoint: damaged }, 'DAMAGED_SAFETENSORS', /not a readable safetensors file/],
      [{ checkpoint: foreign }, 'NOT_A_CHECKPOINT', /not a checkpoint of millrace/],
      [
        { checkpoint: 'test/golden/torch/state-dict.pth' },
        'NOT_A_CHECKPOINT',
        /state-dict\.pth: .*weights of PyTorch/,
      ],
      [{ checkpoint: 'model.onnx' }, 'NOT_A_CHECKPOINT', /^model\.onnx: .*an ONNX file/],
      [{ checkpoint: unreadable }, 'NOT_A_CHECKPOINT', /its classes cannot be read: /],
      [{ checkpoint: lacking }, 'STATE_MISMATCH', /checkpoint\.safetensors: stem\.bn\.bias: missing/],
      [{ average: true }, 'NO_AVERAGE', /trained without --use-ema/],
      [
        { input: 'jpeg' as never },
        'INVALID_OPTION',
        /input must be one of photo, pixels, tensor, got 'jpeg'/,
      ],
    ] as const;
    for (const [options, code, message] of failures)
      await expect(exportOnnx({ checkpoint, out, ...options }), code).rejects.toThrow(coded(code, message));
    expect(() => readFileSync(out)).toThrow('ENOENT');
  });

  it('does not overwrite the checkpoint', async () => {
    const { checkpoint, workspace } = await workspaceWith();
    const before = readFileSync(checkpoint);
    for (const named of [checkpoint, workspace])
      await expect(exportOnnx({ checkpoint: named, out: checkpoint })).rejects.toThrow(
        coded('INVALID_OPTION', /^exportOnnx: out .* is the checkpoint/),
      );
    expect(readFileSync(checkpoint)).toEqual(before);
  });

  it('says which file cannot be written', async () => {
    const { checkpoint, workspace } = await workspaceWith();
    const out = join(workspace, 'none', 'model.onnx');
    const message = /none\/model\.onnx: the ONNX file cannot be written/;
    await expect(exportOnnx({ checkpoint, out })).rejects.toThrow(coded('WRITE_FAILED', message));
  });

  it('writes int8 for the runtime that the checkpoint was quantised for', async () => {
    const { checkpoint, out } = await quantizedFor('onnxruntime');
    expect((await exportOnnx({ checkpoint, out })).profile).toBe('onnxruntime');
    const { length } = readFileSync(out);
    expect(readOnnx(readFileSync(out)).metadata).toMatchObject({ placement: 'onnxruntime' });
    // one that rounds at more places has the ranges for one that rounds at fewer
    expect((await exportOnnx({ checkpoint, out, profile: 'tensorrt' })).profile).toBe('tensorrt');
    expect(readFileSync(out).length).toBeLessThan(length);
    await exportOnnx({ checkpoint, out, sigmoid: 'int8' });
    expect(readFileSync(out).length).toBeGreaterThan(length);
  });

  it('writes no int8 that it has no ranges for', async () => {
    const float = await workspaceWith();
    const forTensorrt = await quantizedFor('tensorrt');
    const studied = await quantizedFor('onnxruntime', { levels: 7 });
    const unfinished = await quantizedFor('onnxruntime', {}, ({ 'point.images': _, ...others }) => others);
    const failures = [
      [float, { profile: 'onnxruntime' }, 'NOT_CALIBRATED', /is not quantised: millrace quantize chooses/],
      [float, { sigmoid: 'int8' }, 'NOT_CALIBRATED', /is not quantised/],
      [
        forTensorrt,
        { profile: 'onnxruntime' },
        'CANNOT_EXPORT',
        /is quantised for tensorrt: outputs of layers/,
      ],
      [forTensorrt, { sigmoid: 'int8' }, 'CANNOT_EXPORT', /--sigmoid\) is for profile onnxruntime/],
      [studied, {}, 'CANNOT_EXPORT', /is quantised to 7 levels/],
      [
        unfinished,
        {},
        'NOT_CALIBRATED',
        /safetensors: images: its range must be a positive number, got none/,
      ],
    ] as const;
    for (const [{ checkpoint, out }, options, code, message] of failures) {
      await expect(exportOnnx({ checkpoint, out, ...options })).rejects.toThrow(coded(code, message));
      expect(() => readFileSync(out)).toThrow('ENOENT');
    }
  });
});

/** A workspace with a quantised checkpoint in it. */
async function quantizedFor(...options: Parameters<typeof quantizedCheckpoint>) {
  const checkpoint = await quantizedCheckpoint(...options);
  return { checkpoint, out: join(dirname(checkpoint), 'model.onnx') };
}
