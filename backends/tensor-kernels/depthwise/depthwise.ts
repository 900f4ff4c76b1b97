import { columnGroups } from '../columns-of-lanes.wgsl.ts';
import { eachTap } from '../filter.ts';
import { addProductOfRows } from '../rows.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { depthwiseWgsl } from './depthwise.wgsl.ts';

/** out [rows, channels]: each channel of x [inputRows, channels] filtered by its own w [kernel, kernel, channels]. */
export const depthwise = defineTensorKernel({
  name: 'depthwise',
  operands: {
    x: {
      access: 'read',
      width: 4,
      lazy: { rows: 'inputRows', width: 'c4', sampleRows: 'inputSampleRows' },
    },
    w: { access: 'read', width: 4 },
    out: { access: 'write', width: 4 },
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
  epilogue: { of: 'out', rows: 'rows', width: 'c4', sampleRows: 'sampleRows', chunk: 'chunk' },
  workgroups: ({ rows, c4, chunk }) => columnGroups(c4, Math.ceil(rows / chunk)),
  wgsl: depthwiseWgsl,
  reference({ x, w, out }, p) {
    out.fill(0);
    eachTap(p, p.rows, (output, tap, input) => addProductOfRows(4 * p.c4, out, output, x, input, w, tap));
  },
});
