import { columnGroups } from '../columns-of-lanes.wgsl.ts';
import { eachTap } from '../filter.ts';
import { addProductOfRows } from '../rows.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { depthwiseGradientsWgsl } from './depthwise-gradients.wgsl.ts';

const outputSide = { rows: 'rows', width: 'c4', sampleRows: 'sampleRows' } as const;
const inputSide = { rows: 'inputRows', width: 'c4', sampleRows: 'inputSampleRows' } as const;

/**
 * From the gradient g of a depthwise convolution's output: that of its input, out [inputRows, channels], plus `add` where there
 * is one; and the filter's, filterParts [parts, kernel, kernel, channels], of which a part belongs to a chunk of input rows.
 */
export const depthwiseGradients = defineTensorKernel({
  name: 'depthwise-gradients',
  operands: {
    g: { access: 'read', width: 4, lazy: outputSide },
    x: { access: 'read', width: 4, lazy: inputSide },
    w: { access: 'read', width: 4 },
    add: { access: 'read', width: 4, lazy: inputSide, isOptional: true },
    out: { access: 'write', width: 4 },
    filterParts: { access: 'write', width: 4 },
  },
  parameters: {
    rows: 'u32',
    inputRows: 'u32',
    c4: 'u32',
    height: 'u32',
    width: 'u32',
    outHeight: 'u32',
    outWidth: 'u32',
    chunk: 'u32',
    sampleRows: 'u32',
    inputSampleRows: 'u32',
  },
  constants: ['kernel', 'stride'],
  epilogue: { of: 'out', rows: 'inputRows', width: 'c4', sampleRows: 'inputSampleRows', chunk: 'chunk' },
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
