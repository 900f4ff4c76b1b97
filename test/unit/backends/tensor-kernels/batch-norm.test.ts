import { describe, expect, it } from 'vitest';
import { batchNormGradient } from '../../../../backends/tensor-kernels/batch-norm-gradient/batch-norm-gradient.ts';
import { batchNormGradientOfSamples } from '../../../../backends/tensor-kernels/batch-norm-gradient-of-samples/batch-norm-gradient-of-samples.ts';
import { batchNormRunning } from '../../../../backends/tensor-kernels/batch-norm-running/batch-norm-running.ts';
import { batchNormStatistics } from '../../../../backends/tensor-kernels/batch-norm-statistics/batch-norm-statistics.ts';
import { channelVectors } from '../../../../backends/tensor-kernels/lazy.ts';
import { derivativesOf, distanceOf, dot, randomFloats } from '../../../support/finite-differences.ts';

const [samples, sampleRows, c4, chunk] = [3, 5, 1, 4];
const [rows, channels, parts] = [samples * sampleRows, 4 * c4, 4];
const numbers = { rows, chunk, parts, c4, samples, sampleRows, epsilon: 0.01, momentum: 0.1 };

/** Values [rows, channels] by row and channel. */
const valuesOf = (count: number, valueAt: (row: number, c: number) => number): Float64Array =>
  Float64Array.from({ length: count * channels }, (_, i) => valueAt(Math.floor(i / channels), i % channels));
const at = (values: Float64Array, row: number, c: number) => values[row * channels + c] as number;

const column = (values: Float64Array, c: number): number[] =>
  Array.from({ length: values.length / channels }, (_, row) => at(values, row, c));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function moments(values: readonly number[]): [mean: number, squares: number] {
  const mean = sum(values) / values.length;
  return [mean, sum(values.map((value) => (value - mean) ** 2))];
}

const momentsOfParts = (x: Float64Array): Float64Array =>
  valuesOf(2 * parts, (row, c) => {
    const part = Math.floor(row / 2) * chunk;
    return moments(column(x, c).slice(part, part + chunk))[row % 2] as number;
  });

const scale = Float64Array.of(1, 0.5, -2, 3);
const shift = Float64Array.of(0, 1, 2, -1);

function statisticsOf(x: Float64Array) {
  const vectors = new Float64Array(8 * channels);
  const [runningMean, runningVariance] = [new Float64Array(channels), new Float64Array(channels).fill(1)];
  const operands = { parts: momentsOfParts(x), scale, shift, vectors, runningMean, runningVariance };
  batchNormStatistics.reference(operands, numbers);
  return operands;
}

const vector = (vectors: Float64Array, name: keyof typeof channelVectors, c: number): number =>
  at(vectors, channelVectors[name], c);

describe('batch-norm-statistics', () => {
  // far from 0, where sums of squares would cancel
  const x = randomFloats(rows * channels, 1).map((value) => 1e4 + value);
  const { vectors, runningMean, runningVariance } = statisticsOf(x);

  it('normalizes to the shift and the scale', () => {
    for (let c = 0; c < channels; c++) {
      const [scaleOf, shiftOf] = [vector(vectors, 'scale', c), vector(vectors, 'shift', c)];
      const y = column(x, c).map((value) => scaleOf * value + shiftOf);
      const [, squares] = moments(column(x, c));
      const kept = squares / rows / (squares / rows + numbers.epsilon);
      expect(moments(y)[0]).toBeCloseTo(shift[c] as number, 8);
      expect(moments(y)[1] / rows).toBeCloseTo((scale[c] as number) ** 2 * kept, 8);
    }
  });

  it('moves the running statistics towards the mean and the variance without bias', () => {
    for (let c = 0; c < channels; c++) {
      const [mean, squares] = moments(column(x, c));
      expect(runningMean[c]).toBeCloseTo(0.1 * mean, 8);
      expect(runningVariance[c]).toBeCloseTo(0.9 + (0.1 * squares) / (rows - 1), 8);
    }
  });

  it('takes a single row', () => {
    const operands = { ...statisticsOf(x), parts: new Float64Array(2 * channels) };
    batchNormStatistics.reference(operands, { ...numbers, rows: 1, parts: 1 });
    expect(vector(operands.vectors, 'deviation', 0)).toBeCloseTo(10, 12);
    expect(operands.runningVariance.every(Number.isFinite)).toBe(true);
  });
});

describe('batch-norm-running', () => {
  it('normalizes by the running statistics', () => {
    const vectors = new Float64Array(8 * channels);
    const runningMean = Float64Array.of(1, 2, 3, 4);
    const runningVariance = Float64Array.of(3.99, 0.99, 8.99, 0);
    batchNormRunning.reference({ runningMean, runningVariance, scale, shift, vectors }, numbers);
    const valuesOfVector = (name: keyof typeof channelVectors) =>
      Float64Array.from({ length: channels }, (_, c) => vector(vectors, name, c));
    expect(distanceOf(valuesOfVector('scale'), Float64Array.of(0.5, 0.5, -2 / 3, 30))).toBeLessThan(1e-12);
    expect(distanceOf(valuesOfVector('shift'), Float64Array.of(-0.5, 0, 4, -121))).toBeLessThan(1e-12);
    expect(valuesOfVector('mean')).toEqual(runningMean);
  });
});

const standardized = (x: Float64Array, vectors: Float64Array, row: number, c: number): number =>
  (at(x, row, c) - vector(vectors, 'mean', c)) * vector(vectors, 'deviation', c);

/** Of rows [first, end): sums of g and of g times the standardized input. */
function sumsOf(
  g: Float64Array,
  x: Float64Array,
  vectors: Float64Array,
  c: number,
  first: number,
  end: number,
) {
  const indices = Array.from({ length: Math.min(end, rows) - first }, (_, i) => first + i);
  return [
    sum(indices.map((row) => at(g, row, c))),
    sum(indices.map((row) => at(g, row, c) * standardized(x, vectors, row, c))),
  ] as const;
}

/** What batch-norm-gradient gives for the output's gradient g. */
function gradientsOf(g: Float64Array, x: Float64Array) {
  const { vectors } = statisticsOf(x);
  const partsOfSums = valuesOf(2 * parts, (row, c) => {
    const part = Math.floor(row / 2) * chunk;
    return sumsOf(g, x, vectors, c, part, part + chunk)[row % 2] as number;
  });
  const [scaleGradient, shiftGradient] = [new Float64Array(channels), new Float64Array(channels)];
  const operands = { parts: partsOfSums, scale, vectors, scaleGradient, shiftGradient };
  batchNormGradient.reference(operands, numbers);
  return operands;
}

describe('batch-norm-gradient', () => {
  const x = randomFloats(rows * channels, 2);
  const g = randomFloats(rows * channels, 3);

  /** What has g as the gradient of the batch norm's output. */
  const compute = () => {
    const { vectors } = statisticsOf(x);
    const y = valuesOf(
      rows,
      (row, c) => vector(vectors, 'scale', c) * at(x, row, c) + vector(vectors, 'shift', c),
    );
    return dot(g, y);
  };
  const { vectors, scaleGradient, shiftGradient } = gradientsOf(g, x);

  it('gives the input gradient of finite differences', () => {
    const inputGradient = valuesOf(
      rows,
      (row, c) =>
        vector(vectors, 'slope', c) * at(g, row, c) +
        vector(vectors, 'bend', c) * at(x, row, c) +
        vector(vectors, 'offset', c),
    );
    expect(distanceOf(inputGradient, derivativesOf(compute, x))).toBeLessThan(1e-7);
  });

  it('gives the gradients of scale and shift', () => {
    expect(distanceOf(scaleGradient, derivativesOf(compute, scale))).toBeLessThan(1e-7);
    expect(distanceOf(shiftGradient, derivativesOf(compute, shift))).toBeLessThan(1e-7);
  });

  it('adds to gradients that are there', () => {
    const operands = { ...gradientsOf(g, x), scaleGradient: new Float64Array(channels).fill(5) };
    batchNormGradient.reference(operands, numbers);
    expect(
      distanceOf(
        operands.scaleGradient,
        scaleGradient.map((value) => value + 5),
      ),
    ).toBeLessThan(1e-12);
  });
});

describe('batch-norm-gradient-of-samples', () => {
  it('agrees with batch-norm-gradient of the sum of products', () => {
    const x = randomFloats(rows * channels, 4);
    const terms = [5, 6].map((seed) => randomFloats(rows * channels, seed));
    const factors = [7, 8].map((seed) => randomFloats(samples * channels, seed));
    const sampleOf = (row: number) => Math.floor(row / sampleRows);
    const g = valuesOf(rows, (row, c) =>
      sum(terms.map((term, j) => at(term, row, c) * at(factors[j] as Float64Array, sampleOf(row), c))),
    );
    const expected = gradientsOf(g, x);

    const { vectors } = statisticsOf(x);
    // after the sums of another reader, whose they are not
    const sums = valuesOf(5 * samples, (row, c) => {
      const [which, first] = [Math.floor(row / samples) - 1, (row % samples) * sampleRows];
      if (which < 0) return 1e9;
      const term = terms[Math.floor(which / 2)] as Float64Array;
      return sumsOf(term, x, vectors, c, first, first + sampleRows)[which % 2] as number;
    });
    const [scaleGradient, shiftGradient] = [new Float64Array(channels), new Float64Array(channels)];
    const operands = { sums, factors, scale, vectors, scaleGradient, shiftGradient };
    batchNormGradientOfSamples.reference(operands, { ...numbers, first: 1 });
    for (const name of ['vectors', 'scaleGradient', 'shiftGradient'] as const)
      expect(distanceOf(operands[name], expected[name]), name).toBeLessThan(1e-12);
  });
});
