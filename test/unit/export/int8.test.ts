import { beforeAll, describe, expect, it } from 'vitest';
import type { TensorMap } from '../../../src/core/trainer.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { bestOf, fileOf, rms } from '../../support/exported-models.ts';
import { formulaImages } from '../../support/formula.ts';
import { observedRanges } from '../../support/observed-ranges.ts';
import { logitsOf, tensorInput } from '../../support/onnx.ts';
import { randomRanges, randomWeights } from '../../support/quantized-models.ts';

const model = efficientNet({ variant: 'nano', classes: 10 });
// batch norms have factors of both signs
const weights = randomWeights(model, 1);
const rows = 16;
const images = tensorInput(formulaImages('int8', rows, model.resolution), rows, model.resolution);

describe('a file of int8', () => {
  let expected: Float32Array;
  let ranges: TensorMap;

  beforeAll(async () => {
    expected = await logitsOf(fileOf(model, weights, 'tensor'), images);
    ranges = await observedRanges(model, weights, images);
  });

  it.each([
    { profile: 'onnxruntime', hasIntegerSigmoid: false },
    { profile: 'onnxruntime', hasIntegerSigmoid: true },
    { profile: 'tensorrt', hasIntegerSigmoid: false },
  ] as const)('gives about the logits of float32: %o', async (options) => {
    const logits = await logitsOf(fileOf(model, weights, 'tensor', { ...options, ranges }), images);
    const errors = expected.map((value, i) => value - (logits[i] as number));
    expect(rms(errors)).toBeLessThan(0.15 * rms(expected));
    expect(rms(errors)).toBeGreaterThan(0);
    expect(bestOf(logits, 10)).toEqual(bestOf(expected, 10));
  });

  it('needs the ranges of its profile, and of no other', () => {
    const { 'point.stem.normalized': _, ...others } = ranges;
    const fileFor = (profile: 'onnxruntime' | 'tensorrt') => () =>
      fileOf(model, weights, 'tensor', { profile, ranges: others, hasIntegerSigmoid: false });
    expect(fileFor('onnxruntime')).toThrow(/stem\.normalized: its range must be a positive number, got none/);
    expect(fileFor('tensorrt')).not.toThrow();
  });

  it.each(['onnxruntime', 'tensorrt'] as const)(
    'takes 30 % of the bytes of float32 at most, for %s',
    (profile) => {
      const b0 = efficientNet({ variant: 'b0' });
      const ofB0 = randomWeights(b0, 1);
      const quantization = { profile, ranges: randomRanges(b0, ofB0, 1), hasIntegerSigmoid: true };
      const bytes = fileOf(b0, ofB0, 'photo', quantization).length;
      expect(bytes / fileOf(b0, ofB0, 'photo').length).toBeLessThan(0.3);
    },
  );
});
