import { beforeAll, describe, expect, it } from 'vitest';
import { type EfficientNet, efficientNet } from '../../../src/models/efficientnet.ts';
import type { Padding, Variant } from '../../../src/models/scaling.ts';
import { batchOf, bestOf, fileOf, normalized, predict } from '../../support/exported-models.ts';
import { formulaWeights } from '../../support/formula.ts';
import { noise } from '../../support/images.ts';
import { logitsOf, pixelsInput, tensorInput } from '../../support/onnx.ts';

const model = (variant: Variant, padding: Padding = 'torch'): EfficientNet =>
  efficientNet({ variant, padding, classes: 10 });

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

describe.each([
  ['nano', 'torch'],
  ['nano', 'same'],
  ['b0', 'torch'],
] as const)('the file of %s, padding %s', (variant, padding) => {
  const net = model(variant, padding);
  const { resolution: size, classes } = net;
  const weights = formulaWeights(net);
  const images = [1, 2, 3].map((seed) => noise({ width: size, height: size }, seed));
  let values: Float32Array;
  let expected: Float32Array;

  beforeAll(async () => {
    values = await normalized(images);
    expected = await predict({ model: net, weights }, batchOf(values, size));
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
});

describe("the file of a model with TensorFlow's padding", () => {
  it.each([64, 50])("gives the trainer's logits at %i pixels", async (resolution) => {
    const net = efficientNet({ variant: 'nano', classes: 10, padding: 'same', resolution });
    const weights = formulaWeights(net);
    const values = await normalized([noise({ width: resolution, height: resolution }, 1)]);
    const expected = await predict({ model: net, weights }, batchOf(values, resolution));
    const logits = await logitsOf(fileOf(net, weights, 'tensor'), tensorInput(values, 1, resolution));
    expectLogits(logits, expected, 10, 1e-4);
  });
});
