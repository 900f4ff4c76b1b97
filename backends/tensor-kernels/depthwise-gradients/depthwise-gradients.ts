import { columnGroups } from '../columns-of-lanes.wgsl.ts';
import { depthwiseParameters, eachTap, filterConstants, inputExtent } from '../filter.ts';
import { addProductOfRows } from '../rows.ts';
import { channelRows, defineTensorKernel } from '../tensor-kernel.ts';
import { depthwiseGradientsWgsl } from './depthwise-gradients.wgsl.ts';

/**
 * From the gradient g of a depthwise convolution's output: that of its input, out [inputRows, channels], plus `add` where there
 * is one; and the filter's, filterParts [parts, kernel, kernel, channels], of which a part belongs to a chunk of input rows.
 */
export const depthwiseGradients = defineTensorKernel({
  name: 'depthwise-gradients',
  operands: {
    g: { access: 'read', width: 4, lazy: channelRows('c4') },
    x: { access: 'read', width: 4, lazy: inputExtent },
    w: { access: 'read', width: 4 },
    add: { access: 'read', width: 4, lazy: inputExtent, isOptional: true },
    out: { access: 'write', width: 4 },
    filterParts: { access: 'write', width: 4 },
  },
  parameters: depthwiseParameters,
  constants: filterConstants,
  epilogue: { of: 'out', ...inputExtent, chunk: 'chunk' },
  workgroups: ({ inputRows, c4, chunk }) => columnGroups(c4, Math.ceil(inputRows / chunk)),
  wgsl: depthwiseGradientsWgsl,
  reference({ g, x, w, add, out, filterParts }, p) {
    const channels = 4 * p.c4;
    out.set(add ?? new Float64Array(out.length));
    filterParts.fill(0);
    eachTap(p, p.rows, (output, tap, input) => {
      const part = Math.floor(input / p.chunk);
      addProductOfRows(channels, out, input, g, output, w, tap);
      addProductOfRows(channels, filterParts, part * p.kernel ** 2 + tap, g, output, x, input);
    });
  },
});
