import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { photographPath, photographs, readPhotograph } from '../../src/demo/photographs.ts';
import { imageFolder, pipeline } from '../../src/index.ts';
import { evaluationSteps } from '../../src/streams/recipe.ts';
import { openWeights } from '../../src/training/open-weights.ts';
import { type ExportedModel, exportedModel } from '../support/exported-model.ts';
import { bestOf, predict } from '../support/exported-models.ts';
import { folderOf } from '../support/folders.ts';
import { logitsOf, photoInput } from '../support/onnx.ts';

let exported: ExportedModel;

beforeAll(async () => {
  exported = await exportedModel();
});

/** Logits of the photographs, from their JPEGs, as `evaluate` and `classify` have them. */
async function evaluatedLogits(): Promise<Float32Array> {
  const { model, weights, imageSize, interpolation } = await openWeights(exported.checkpoint, undefined);
  const files = photographs.map((name, i) => [join('c', `${i}.jpg`), readFileSync(photographPath(name))]);
  const options = { batchSize: photographs.length, workers: 0, shuffle: false } as const;
  const stream = pipeline(imageFolder(folderOf(Object.fromEntries(files))), options);
  for await (const batch of stream.pipe(...evaluationSteps({ imageSize, interpolation })))
    return await predict({ model, weights }, batch);
  throw new Error('no batch');
}

describe('a file that takes photos', () => {
  it('gives the logits of an evaluation from the JPEGs, of a model that tells them apart', async () => {
    const expected = await evaluatedLogits();
    const file = readFileSync(exported.photo);
    const classes = photographs.length;
    for (const [row, name] of photographs.entries()) {
      const own = expected.subarray(row * classes, (row + 1) * classes);
      const logits = await logitsOf(file, photoInput(await readPhotograph(name)));
      const largest = Math.max(...own.map((value, i) => Math.abs(value - (logits[i] as number))));
      expect(largest).toBeLessThanOrEqual(0.01);
    }
    expect(new Set(bestOf(expected, classes)).size).toBeGreaterThan(classes / 2);
  });
});
