import { at } from '../at.ts';
import { bytesOfRows, tilesOfSamples } from '../matrix-of-samples.ts';
import { sigmoid, silu } from '../silu.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { squeezeExciteWgsl } from './squeeze-excite.wgsl.ts';

/**
 * Squeeze and excitation by samples' means: hidden [samples, squeezed] = squeezeWeight mean + squeezeBias; the factors
 * [samples, channels] by which a sample's channels are multiplied = sigmoid(exciteWeight silu(hidden) + exciteBias).
 */
export const squeezeExcite = defineTensorKernel({
  name: 'squeeze-excite',
  operands: {
    mean: { access: 'read', width: 1 },
    squeezeWeight: { access: 'read', width: 1 },
    squeezeBias: { access: 'read', width: 1 },
    exciteWeight: { access: 'read', width: 1 },
    exciteBias: { access: 'read', width: 1 },
    hidden: { access: 'write', width: 1 },
    factors: { access: 'write', width: 1 },
  },
  parameters: { samples: 'u32', channels: 'u32', squeezed: 'u32' },
  workgroups: ({ samples }) => [samples, 1, 1],
  wgsl: squeezeExciteWgsl,
  wasm: {
    tiles: tilesOfSamples,
    scratch: ({ channels, squeezed }) => bytesOfRows(channels) + bytesOfRows(squeezed),
  },
  reference({ mean, squeezeWeight, squeezeBias, exciteWeight, exciteBias, hidden, factors }, p) {
    for (let n = 0; n < p.samples; n++) {
      for (let q = 0; q < p.squeezed; q++) {
        let sum = at(squeezeBias, q);
        for (let c = 0; c < p.channels; c++)
          sum += at(squeezeWeight, q * p.channels + c) * at(mean, n * p.channels + c);
        hidden[n * p.squeezed + q] = sum;
      }
      for (let c = 0; c < p.channels; c++) {
        let sum = at(exciteBias, c);
        for (let q = 0; q < p.squeezed; q++)
          sum += at(exciteWeight, c * p.squeezed + q) * silu(at(hidden, n * p.squeezed + q));
        factors[n * p.channels + c] = sigmoid(sum);
      }
    }
  },
});
