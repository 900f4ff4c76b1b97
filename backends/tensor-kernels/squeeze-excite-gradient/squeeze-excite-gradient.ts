import { at } from '../at.ts';
import { bytesOfRows, tilesOfSamples } from '../matrix-of-samples.ts';
import { siluSlope } from '../silu.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { squeezeExciteGradientWgsl } from './squeeze-excite-gradient.wgsl.ts';

/**
 * From the gradient of squeeze-excite's factors [samples, channels]: those of what goes into the sigmoid [samples, channels],
 * of hidden [samples, squeezed] and of the means [samples, channels].
 */
export const squeezeExciteGradient = defineTensorKernel({
  name: 'squeeze-excite-gradient',
  operands: {
    factorGradient: { access: 'read', width: 1 },
    factors: { access: 'read', width: 1 },
    hidden: { access: 'read', width: 1 },
    squeezeWeight: { access: 'read', width: 1 },
    exciteWeight: { access: 'read', width: 1 },
    exciteGradient: { access: 'write', width: 1 },
    squeezeGradient: { access: 'write', width: 1 },
    meanGradient: { access: 'write', width: 1 },
  },
  parameters: { samples: 'u32', channels: 'u32', squeezed: 'u32' },
  workgroups: ({ samples }) => [samples, 1, 1],
  wgsl: squeezeExciteGradientWgsl,
  wasm: {
    tiles: tilesOfSamples,
    scratch: ({ channels, squeezed }) => bytesOfRows(channels) + 2 * bytesOfRows(squeezed),
  },
  reference(operands, p) {
    const { factorGradient, factors, hidden, squeezeWeight, exciteWeight } = operands;
    const { exciteGradient, squeezeGradient, meanGradient } = operands;
    for (let n = 0; n < p.samples; n++) {
      for (let i = n * p.channels; i < (n + 1) * p.channels; i++)
        exciteGradient[i] = at(factorGradient, i) * at(factors, i) * (1 - at(factors, i));
      for (let q = 0; q < p.squeezed; q++) {
        let sum = 0;
        for (let c = 0; c < p.channels; c++)
          sum += at(exciteWeight, c * p.squeezed + q) * at(exciteGradient, n * p.channels + c);
        const i = n * p.squeezed + q;
        squeezeGradient[i] = sum * siluSlope(at(hidden, i));
      }
      for (let c = 0; c < p.channels; c++) {
        let sum = 0;
        for (let q = 0; q < p.squeezed; q++)
          sum += at(squeezeWeight, q * p.channels + c) * at(squeezeGradient, n * p.squeezed + q);
        meanGradient[n * p.channels + c] = sum;
      }
    }
  },
});
