import { at } from '../at.ts';
import { blocksOfChannels } from '../channel-blocks.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { biasGradientWgsl } from './bias-gradient.wgsl.ts';

/** gradient += the sum over rows of g [rows, channels]: the gradient of a bias that was added to each row. */
export const biasGradient = defineTensorKernel({
  name: 'bias-gradient',
  operands: { g: { access: 'read', width: 4 }, gradient: { access: 'update', width: 4 } },
  parameters: { rows: 'u32', c4: 'u32' },
  workgroups: ({ c4 }) => [Math.ceil(c4 / 16), 1, 1],
  wgsl: biasGradientWgsl,
  wasm: { tiles: blocksOfChannels },
  reference({ g, gradient }, p) {
    const channels = 4 * p.c4;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let row = 0; row < p.rows; row++) sum += at(g, row * channels + c);
      gradient[c] = at(gradient, c) + sum;
    }
  },
});
