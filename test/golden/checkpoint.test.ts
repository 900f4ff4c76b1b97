import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { loadCheckpoint, saveCheckpoint } from '../../src/trainers/checkpoint.ts';
import { toMetadata } from '../../src/training/checkpoint-metadata.ts';
import { formulaWeights } from '../support/formula.ts';
import { expectLogits, modelGolden, predict, tinyModel } from '../support/model-golden.ts';

const ofPytorch = 'test/golden/checkpoint-of-pytorch.safetensors';
const ofMillrace = 'test/golden/checkpoint-of-millrace.safetensors';

describe('a checkpoint', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-golden-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('that PyTorch saved gives the same logits here', async () => {
    const { state, metadata } = await loadCheckpoint(ofPytorch);
    expect(metadata).toEqual({});
    // DataParallel put `module.` before each name, and batch norms count their batches
    expect(readFileSync(ofPytorch, 'latin1')).toContain(
      '"module.stem.bn.num_batches_tracked":{"dtype":"I64"',
    );
    expectLogits(await predict(tinyModel(), state.weights, modelGolden.tiny), modelGolden.pytorch, 1e-4);
  });

  it('of ours is the file that PyTorch has loaded, strictly, with the same logits', async () => {
    const path = join(folder, 'checkpoint.safetensors');
    const model = tinyModel();
    // other weights than the script's own, which it can only have from the file
    const weights = formulaWeights(model, 'millrace/');
    const stem = 'stem.conv.weight';
    const optimizer = { [`momentum_buffer.${stem}`]: weights[stem] as (typeof weights)[string] };
    const classes = ['cat', 'dog', 'fox'];
    const info = { model, classes, imageSize: model.resolution, interpolation: 'bicubic' } as const;
    await saveCheckpoint(path, { state: { weights, optimizer }, metadata: toMetadata(info) });
    const { UPDATE_CHECKPOINT } = process.env;
    if (UPDATE_CHECKPOINT === '1') await copyFile(path, ofMillrace);
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
    const advice = `${ofMillrace} (to accept a change: UPDATE_CHECKPOINT=1, then make_model_golden.py)`;
    expect(sha256, advice).toBe(modelGolden.millrace.sha256);
    expect(createHash('sha256').update(readFileSync(ofMillrace)).digest('hex')).toBe(sha256);
    expectLogits(await predict(model, weights, modelGolden.tiny), modelGolden.millrace.logits, 1e-4);
  });

  it('of another model is refused with the tensor that does not fit, what was expected and what is there', async () => {
    const { state } = await loadCheckpoint(ofPytorch);
    const other = efficientNet({ width: 0.125, depth: 0.25, classes: 4 });
    await expect(predict(other, state.weights, modelGolden.tiny)).rejects.toThrow(
      /^classifier\.fc\.weight: expected shape \[4, 160\], got \[3, 160\]$/,
    );
    const deeper = efficientNet({ width: 0.125, depth: 0.5, classes: 3 });
    await expect(predict(deeper, state.weights, modelGolden.tiny)).rejects.toThrow(
      /^layers\.\d\.block1\.\S+: missing, expected shape \[/,
    );
    const more = { ...state.weights, 'head.bias': { shape: [1], data: new Float32Array(1) } };
    await expect(predict(tinyModel(), more, modelGolden.tiny)).rejects.toThrow(
      /^head\.bias: is no part of efficientnet-b0$/,
    );
  });
});
