import { at } from '../at.ts';
import { silu } from '../silu.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { squeezeExciteFilterGradientWgsl } from './squeeze-excite-filter-gradient.wgsl.ts';

/** Adds to the gradients of squeeze-excite's weights and biases the sums over samples, by what squeeze-excite-gradient gives. */
export const squeezeExciteFilterGradient = defineTensorKernel({
  name: 'squeeze-excite-filter-gradient',
  operands: {
    exciteGradient: { access: 'read', width: 1 },
    squeezeGradient: { access: 'read', width: 1 },
    hidden: { access: 'read', width: 1 },
    mean: { access: 'read', width: 1 },
    squeezeWeightGradient: { access: 'update', width: 1 },
    squeezeBiasGradient: { access: 'update', width: 1 },
    exciteWeightGradient: { access: 'update', width: 1 },
    exciteBiasGradient: { access: 'update', width: 1 },
  },
  parameters: { samples: 'u32', channels: 'u32', squeezed: 'u32' },
  workgroups: ({ channels, squeezed }) => [Math.ceil(channels / 32), Math.ceil(squeezed / 8), 1],
  wgsl: squeezeExciteFilterGradientWgsl,
  wasm: {
    tiles: ({ channels }) => [Math.ceil(channels / CHANNELS), 1],
    // of all samples: the means of a tile's channels, and what is squeezed, in whole groups of 8
    scratch: ({ samples, squeezed }) => 4 * samples * (CHANNELS + 8 * Math.ceil(squeezed / 8)),
  },
  reference(operands, p) {
    const { exciteGradient, squeezeGradient, hidden, mean } = operands;
    for (let n = 0; n < p.samples; n++) {
      const excite = exciteGradient.subarray(n * p.channels, (n + 1) * p.channels);
      const squeeze = squeezeGradient.subarray(n * p.squeezed, (n + 1) * p.squeezed);
      const activated = hidden.subarray(n * p.squeezed, (n + 1) * p.squeezed).map(silu);
      addProducts(
        operands.squeezeWeightGradient,
        squeeze,
        mean.subarray(n * p.channels, (n + 1) * p.channels),
      );
      addProducts(operands.squeezeBiasGradient, squeeze, one);
      addProducts(operands.exciteWeightGradient, excite, activated);
      addProducts(operands.exciteBiasGradient, excite, one);
    }
  },
});

/** Channels of a CPU's tile: squeeze-excite-filter-gradient.as.ts has the same. */
const CHANNELS = 64;

const one = Float64Array.of(1);

/** matrix [rows.length, columns.length] += rows columns^T */
function addProducts(matrix: Float64Array, rows: Float64Array, columns: Float64Array): void {
  for (const [i, row] of rows.entries()) {
    for (const [j, column] of columns.entries()) {
      const place = i * columns.length + j;
      matrix[place] = at(matrix, place) + row * column;
    }
  }
}
