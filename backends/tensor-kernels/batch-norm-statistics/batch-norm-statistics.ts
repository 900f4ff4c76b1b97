import { at } from '../at.ts';
import { putNormalization } from '../batch-norm.ts';
import { blocksOfChannels } from '../channel-blocks.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { batchNormStatisticsWgsl } from './batch-norm-statistics.wgsl.ts';

/**
 * A batch norm's vectors by the moments of its input, in parts [parts, 2, channels]: a part is the mean of `chunk` rows (the
 * last has what is left) and their sum of squared distances from it. The running statistics move by `momentum` towards the
 * batch's, as PyTorch's: towards the variance without bias.
 */
export const batchNormStatistics = defineTensorKernel({
  name: 'batch-norm-statistics',
  operands: {
    parts: { access: 'read', width: 4 },
    scale: { access: 'read', width: 4 },
    shift: { access: 'read', width: 4 },
    vectors: { access: 'write', width: 4 },
    runningMean: { access: 'update', width: 4 },
    runningVariance: { access: 'update', width: 4 },
  },
  parameters: { rows: 'u32', chunk: 'u32', parts: 'u32', c4: 'u32', epsilon: 'f32', momentum: 'f32' },
  workgroups: ({ c4 }) => [Math.ceil(c4 / 16), 1, 1],
  wgsl: batchNormStatisticsWgsl,
  wasm: { tiles: blocksOfChannels },
  reference(operands, p) {
    const { parts, runningMean, runningVariance } = operands;
    for (let c = 0; c < 4 * p.c4; c++) {
      const { mean, squares } = merged(parts, p, c);
      putNormalization(operands, p, c, [mean, squares / p.rows]);
      runningMean[c] = (1 - p.momentum) * at(runningMean, c) + p.momentum * mean;
      const variance = squares / Math.max(1, p.rows - 1);
      runningVariance[c] = (1 - p.momentum) * at(runningVariance, c) + p.momentum * variance;
    }
  },
});

interface Split {
  readonly rows: number;
  readonly chunk: number;
  readonly parts: number;
  readonly c4: number;
}

/** A channel's mean and sum of squared distances from it. */
function merged(parts: Float64Array, { rows, chunk, parts: count, c4 }: Split, c: number) {
  const rowsOf = (part: number) => Math.min(chunk, rows - part * chunk);
  const meanOf = (part: number) => at(parts, 2 * part * 4 * c4 + c);
  let mean = 0;
  for (let part = 0; part < count; part++) mean += (meanOf(part) * rowsOf(part)) / rows;
  let squares = 0;
  for (let part = 0; part < count; part++)
    squares += at(parts, (2 * part + 1) * 4 * c4 + c) + rowsOf(part) * (meanOf(part) - mean) ** 2;
  return { mean, squares };
}
