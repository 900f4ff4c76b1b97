import { at } from '../at.ts';
import { putGradients } from '../batch-norm.ts';
import { blocksOfChannels } from '../channel-blocks.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { batchNormGradientOfSamplesWgsl } from './batch-norm-gradient-of-samples.wgsl.ts';

/**
 * batch-norm-gradient where the output's gradient is a sum of products: of values g_j, and of factors [samples, channels] that
 * are the same for all rows of a sample. Of the sums [terms, samples, channels] over a sample's rows, those from `first` on are
 * of g_j and of g_j times the standardized input, for one factor after the other.
 */
export const batchNormGradientOfSamples = defineTensorKernel({
  name: 'batch-norm-gradient-of-samples',
  operands: {
    sums: { access: 'read', width: 4 },
    factors: {
      access: 'read',
      width: 4,
      lazy: { rows: 'samples', width: 'c4', sampleRows: 'sampleRows' },
      isList: true,
    },
    scale: { access: 'read', width: 4 },
    vectors: { access: 'update', width: 4 },
    scaleGradient: { access: 'update', width: 4 },
    shiftGradient: { access: 'update', width: 4 },
  },
  parameters: { samples: 'u32', c4: 'u32', sampleRows: 'u32', rows: 'u32', first: 'u32' },
  workgroups: ({ c4 }) => [Math.ceil(c4 / 16), 1, 1],
  wgsl: batchNormGradientOfSamplesWgsl,
  wasm: {
    tiles: blocksOfChannels,
    tileRows: ({ samples }) => samples,
    // two sums in float64 of each channel of a block
    scratch: () => 1024,
  },
  reference(operands, p) {
    const { sums, factors } = operands;
    const channels = 4 * p.c4;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      let sumOfProducts = 0;
      for (let n = 0; n < p.samples; n++) {
        for (const [j, factor] of factors.entries()) {
          const value = at(factor, n * channels + c);
          sum += value * at(sums, ((p.first + 2 * j) * p.samples + n) * channels + c);
          sumOfProducts += value * at(sums, ((p.first + 2 * j + 1) * p.samples + n) * channels + c);
        }
      }
      putGradients(operands, p, c, [sum, sumOfProducts]);
    }
  },
});
