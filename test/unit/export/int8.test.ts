import { describe, expect, it } from 'vitest';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { placesOf } from '../../../src/quantization/placement.ts';
import { batchOf, bestOf, fileOf, observedRanges, predict, rms } from '../../support/exported-models.ts';
import { formulaImages } from '../../support/formula.ts';
import { logitsOf, tensorInput } from '../../support/onnx.ts';
import { randomRanges, randomWeights } from '../../support/quantized-models.ts';

const model = efficientNet({ variant: 'nano', classes: 10 });
// batch norms have factors of both signs
const weights = randomWeights(model, 1);
const rows = 16;
const values = formulaImages('int8', rows, model.resolution);
const images = tensorInput(values, rows, model.resolution);
const batch = batchOf(values, model.resolution);

describe('a file of int8', () => {
  it.each([
    { profile: 'onnxruntime', hasIntegerSigmoid: false },
    { profile: 'onnxruntime', hasIntegerSigmoid: true },
    { profile: 'tensorrt', hasIntegerSigmoid: false },
  ] as const)('gives about the logits of a quantised evaluation: %o', async (options) => {
    const ranges = await observedRanges(model, weights, batch, options.profile);
    const logits = await logitsOf(fileOf(model, weights, 'tensor', { ...options, ranges }), images);
    const quantization = { places: placesOf(model, options.profile), quant: ranges };
    const expected = await predict({ model, weights, quantization }, batch);
    const errors = expected.map((value, i) => value - (logits[i] as number));
    expect(rms(errors)).toBeLessThan(0.1 * rms(expected));
    expect(rms(errors)).toBeGreaterThan(0);
    expect(bestOf(logits, 10)).toEqual(bestOf(expected, 10));
  });

  it('needs the ranges of its profile, and of no other', () => {
    const ranges = randomRanges(model, weights, 1);
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
