import { describe, expect, it } from 'vitest';
import { copyWeights } from '../../../../backends/tensor-kernels/copy-weights/copy-weights.ts';
import { movingAverage } from '../../../../backends/tensor-kernels/moving-average/moving-average.ts';
import { rmsprop } from '../../../../backends/tensor-kernels/rmsprop/rmsprop.ts';
import { sgd } from '../../../../backends/tensor-kernels/sgd/sgd.ts';

const floats = (...values: number[]): Float64Array => Float64Array.from(values);

const settings = { size4: 1, decayed4: 0, weightDecay: 0, momentum: 0.9, learningRate: 0.1, nesterov: 0 };
const rmspropSettings = { ...settings, alpha: 0.75, epsilon: 0.5 };

const operands = () => ({
  weights: floats(1, 2, 3, 4),
  gradients: floats(1, -1, 0, 10),
  velocity: floats(0, 0, 1, 0),
  square: floats(0, 0, 0, 0),
});

function expectClose(actual: Float64Array, ...expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 12);
}

describe('sgd', () => {
  it('adds gradients up in the velocity', () => {
    const values = operands();
    sgd.reference(values, settings);
    expectClose(values.velocity, 1, -1, 0.9, 10);
    expectClose(values.weights, 0.9, 2.1, 2.91, 3);
    sgd.reference(values, settings);
    expectClose(values.velocity, 1.9, -1.9, 0.81, 19);
    expectClose(values.weights, 0.71, 2.29, 2.829, 1.1);
  });

  it('looks a step ahead with Nesterov momentum', () => {
    const values = operands();
    sgd.reference(values, { ...settings, nesterov: 1 });
    sgd.reference(values, { ...settings, nesterov: 1 });
    expectClose(values.velocity, 1.9, -1.9, 0.81, 19);
    expect(values.weights[0]).toBeCloseTo(0.539, 12);
  });

  it('decays the first weights alone', () => {
    const [gradients, velocity] = [new Float64Array(8), new Float64Array(8)];
    const values = { weights: floats(1, 2, 3, 4, 5, 6, 7, 8), gradients, velocity };
    sgd.reference(values, { ...settings, size4: 2, decayed4: 1, weightDecay: 0.5 });
    expectClose(values.weights, 0.95, 1.9, 2.85, 3.8, 5, 6, 7, 8);
  });

  it('divides the gradients, not the decay, by the loss scale and writes the copy', () => {
    const values = { ...operands(), state: floats(4), copy: new Float64Array(4) };
    sgd.reference(values, { ...settings, decayed4: 1, weightDecay: 0.5 });
    expectClose(values.velocity, 0.75, 0.75, 2.4, 4.5);
    expect(values.copy).toEqual(values.weights);
  });
});

describe('rmsprop', () => {
  it('leaves a weight as it is whose gradients were all 0, without an epsilon as well', () => {
    const values = { ...operands(), gradients: floats(0, 1, 0, 0), velocity: floats(0, 0, 0, 0) };
    rmsprop.reference(values, { ...rmspropSettings, epsilon: 0 });
    expectClose(values.velocity, 0, 2, 0, 0);
    expectClose(values.weights, 1, 1.8, 3, 4);
  });

  it('divides by the root of the mean square', () => {
    const values = operands();
    rmsprop.reference(values, rmspropSettings);
    expectClose(values.square, 0.25, 0.25, 0, 25);
    expectClose(values.velocity, 1, -1, 0.9, 10 / 5.5);
    expectClose(values.weights, 0.9, 2.1, 2.91, 4 - 1 / 5.5);
    rmsprop.reference(values, rmspropSettings);
    expect(values.square[0]).toBeCloseTo(0.4375, 12);
    expect(values.velocity[0]).toBeCloseTo(0.9 + 1 / (Math.sqrt(0.4375) + 0.5), 12);
  });
});

describe('both optimizers', () => {
  it('leave everything as it is where the flag is set', () => {
    for (const kernel of [sgd, rmsprop]) {
      const values = { ...operands(), flag: floats(1), copy: floats(7, 7, 7, 7) };
      kernel.reference(values, { ...rmspropSettings, decayed4: 1, weightDecay: 1 });
      expect(values).toEqual({ ...operands(), flag: floats(1), copy: floats(7, 7, 7, 7) });
    }
  });
});

describe('moving-average', () => {
  it('keeps its share of the average', () => {
    const values = { average: floats(1, 0, 2, 4), values: floats(0, 1, 2, 8) };
    movingAverage.reference(values, { size4: 1, averageDecay: 0.75 });
    expectClose(values.average, 0.75, 0.25, 2, 5);
  });
});

describe('copy-weights', () => {
  it('copies', () => {
    const values = { weights: floats(1, 2, 3, 4), copy: new Float64Array(4) };
    copyWeights.reference(values, { size4: 1 });
    expect(values.copy).toEqual(values.weights);
  });
});
