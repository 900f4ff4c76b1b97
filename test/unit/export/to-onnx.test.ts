import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorMap } from '../../../src/core/trainer.ts';
import { imageFolder } from '../../../src/datasets/folder/image-folder.ts';
import { photographPath, readPhotograph } from '../../../src/demo/photographs.ts';
import { type EfficientNet, efficientNet } from '../../../src/models/efficientnet.ts';
import { pipeline } from '../../../src/pipeline.ts';
import { evaluationSteps } from '../../../src/streams/recipe.ts';
import { batchOf, bestOf, fileOf, normalized, predict } from '../../support/exported-models.ts';
import { folderOf } from '../../support/folders.ts';
import { formulaWeights } from '../../support/formula.ts';
import { noise } from '../../support/images.ts';
import { logitsOf, photoInput, pixelsInput, tensorInput } from '../../support/onnx.ts';

const model = (variant: 'nano' | 'b0'): EfficientNet => efficientNet({ variant, classes: 10 });

function expectLogits(
  actual: Float32Array,
  expected: Float32Array,
  classes: number,
  tolerance: number,
): void {
  expect(actual.length).toBe(expected.length);
  const largest = Math.max(...expected.map((value, i) => Math.abs(value - (actual[i] as number))));
  expect(largest).toBeLessThanOrEqual(tolerance);
  expect(bestOf(actual, classes)).toEqual(bestOf(expected, classes));
}

describe.each(['nano', 'b0'] as const)('the file of %s', (variant) => {
  const net = model(variant);
  const { resolution: size, classes } = net;
  const weights = formulaWeights(net);
  const images = [1, 2, 3].map((seed) => noise({ width: size, height: size }, seed));
  let values: Float32Array;
  let expected: Float32Array;

  beforeAll(async () => {
    values = await normalized(images);
    expected = await predict(net, weights, batchOf(values, size));
  });

  it("gives the trainer's logits of a normalised tensor", async () => {
    const logits = await logitsOf(fileOf(net, weights, 'tensor'), tensorInput(values, images.length, size));
    expectLogits(logits, expected, classes, 1e-4);
  });

  it("gives the trainer's logits of pixels, of any number of images", async () => {
    const file = fileOf(net, weights, 'pixels');
    expectLogits(await logitsOf(file, pixelsInput(images)), expected, classes, 1e-4);
    const first = expected.subarray(0, classes);
    expectLogits(await logitsOf(file, pixelsInput(images.slice(0, 1))), first, classes, 1e-4);
  });

  it('gives the logits of an evaluation of a photo, from its JPEG', async () => {
    const file = fileOf(net, weights, 'photo');
    const evaluated = await evaluatedLogits(net, weights);
    for (const [row, name] of photos.entries()) {
      const logits = await logitsOf(file, photoInput(await readPhotograph(name)));
      const own = evaluated.subarray(row * classes, (row + 1) * classes);
      expectLogits(logits, own, classes, 0.01);
    }
  });
});

const photos = ['locomotion-house-cat', 'nagasaki-boats'] as const;

/** As `evaluate` and `classify` have them, from the JPEGs. */
async function evaluatedLogits(net: EfficientNet, weights: TensorMap): Promise<Float32Array> {
  const files = photos.map((name, i) => [`c/${i}.jpg`, readFileSync(photographPath(name))] as const);
  const options = { batchSize: photos.length, workers: 0, shuffle: false } as const;
  const stream = pipeline(imageFolder(folderOf(Object.fromEntries(files))), options);
  const steps = evaluationSteps({ imageSize: net.resolution, interpolation: 'bicubic' });
  const logits: Float32Array[] = [];
  for await (const batch of stream.pipe(...steps)) logits.push(await predict(net, weights, batch));
  return logits[0] as Float32Array;
}
