import { at } from '../at.ts';
import { putGradients } from '../batch-norm.ts';
import { blocksOfChannels } from '../channel-blocks.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { batchNormGradientWgsl } from './batch-norm-gradient.wgsl.ts';

/**
 * A batch norm's gradients by sums over rows, in parts [parts, 2, channels]: of the output's gradient g, and of g times the
 * standardized input. Writes the vectors that give the input's gradient, and adds to those of scale and shift.
 */
export const batchNormGradient = defineTensorKernel({
  name: 'batch-norm-gradient',
  operands: {
    parts: { access: 'read', width: 4 },
    scale: { access: 'read', width: 4 },
    vectors: { access: 'update', width: 4 },
    scaleGradient: { access: 'update', width: 4 },
    shiftGradient: { access: 'update', width: 4 },
  },
  parameters: { rows: 'u32', parts: 'u32', c4: 'u32' },
  workgroups: ({ c4 }) => [Math.ceil(c4 / 16), 1, 1],
  wgsl: batchNormGradientWgsl,
  wasm: { tiles: blocksOfChannels },
  reference(operands, p) {
    const channels = 4 * p.c4;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      let sumOfProducts = 0;
      for (let part = 0; part < p.parts; part++) {
        sum += at(operands.parts, 2 * part * channels + c);
        sumOfProducts += at(operands.parts, (2 * part + 1) * channels + c);
      }
      putGradients(operands, p, c, [sum, sumOfProducts]);
    }
  },
});
