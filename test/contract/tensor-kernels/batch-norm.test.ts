import fc from 'fast-check';
import { describe } from 'vitest';
import { batchNormGradient } from '../../../backends/tensor-kernels/batch-norm-gradient/batch-norm-gradient.ts';
import { batchNormGradientOfSamples } from '../../../backends/tensor-kernels/batch-norm-gradient-of-samples/batch-norm-gradient-of-samples.ts';
import { batchNormRunning } from '../../../backends/tensor-kernels/batch-norm-running/batch-norm-running.ts';
import { batchNormStatistics } from '../../../backends/tensor-kernels/batch-norm-statistics/batch-norm-statistics.ts';
import { load, overRows } from '../../../backends/tensor-kernels/lazy.ts';
import { callOf, floats, positive, tensor } from '../../support/kernel-calls.ts';
import { itAsReferenceInAnyShape } from '../../support/tensor-shapes.ts';
import { itAsReference } from '../../support/tensor-tests.ts';

// two workgroups, the second not full
const c4 = 19;
const channels = 4 * c4;

describe('batch-norm-statistics', () => {
  const call = (rows: number, chunk: number) => () => {
    const parts = Math.ceil(rows / chunk);
    // means far from each other, and sums of squares
    const momentAt = (i: number) =>
      Math.floor(i / channels) % 2 === 0 ? 100 * positive(i) : chunk * positive(i);
    return callOf(
      batchNormStatistics,
      {
        parts: tensor('parts', 'f32', parts * 2 * channels, momentAt),
        ...floats({ scale: channels, shift: channels, vectors: 8 * channels, runningMean: channels }),
        runningVariance: tensor('runningVariance', 'f32', channels, positive),
      },
      { rows, chunk, parts, c4, epsilon: 0.001, momentum: 0.1 },
    );
  };

  itAsReference('merges fewer parts than lanes', call(6, 4));
  itAsReference('merges many parts, the last shorter', call(347, 10));
  itAsReference('takes a single row', call(1, 4));
  itAsReferenceInAnyShape(
    { rows: fc.integer({ min: 1, max: 400 }), chunk: fc.integer({ min: 1, max: 50 }) },
    ({ rows, chunk }) => call(rows, chunk)(),
  );
});

describe('batch-norm-running', () => {
  itAsReference('normalizes by the running statistics', () => {
    const sizes = { runningMean: channels, scale: channels, shift: channels, vectors: 8 * channels };
    const runningVariance = tensor('runningVariance', 'f32', channels, positive);
    return callOf(batchNormRunning, { ...floats(sizes), runningVariance }, { c4, epsilon: 0.001 });
  });
});

const gradientSizes = {
  scale: channels,
  vectors: 8 * channels,
  scaleGradient: channels,
  shiftGradient: channels,
};

describe('batch-norm-gradient', () => {
  itAsReference('adds parts', () => {
    const parts = 21;
    const operands = floats({ parts: parts * 2 * channels, ...gradientSizes });
    return callOf(batchNormGradient, operands, { rows: 50, parts, c4 });
  });
});

describe('batch-norm-gradient-of-samples', () => {
  const [samples, sampleRows] = [21, 9];
  const numbers = { samples, c4, sampleRows, rows: samples * sampleRows };
  const size = samples * channels;

  itAsReference('adds samples by one factor', () => {
    const operands = floats({ sums: 2 * size, factors0: size, ...gradientSizes });
    return callOf(batchNormGradientOfSamples, operands, { ...numbers, first: 0 });
  });

  itAsReference('adds samples by two factors, of which one is lazy', () => {
    const factors1 = overRows(load(tensor('meanGradient', 'f32', size)));
    const operands = { ...floats({ sums: 5 * size, factors0: size, ...gradientSizes }), factors1 };
    return callOf(batchNormGradientOfSamples, operands, { ...numbers, first: 1 });
  });
});
