import { columnGroups } from '../columns-of-lanes.wgsl.ts';
import { depthwiseParameters, eachTap, filterConstants, inputExtent } from '../filter.ts';
import { blockBytes, depthwiseTiles, linesOfChunk, pixelBytes, rowsOfTile } from '../frame.ts';
import { addProductOfRows } from '../rows.ts';
import { channelRows, defineTensorKernel } from '../tensor-kernel.ts';
import { depthwiseWgsl } from './depthwise.wgsl.ts';

/** out [rows, channels]: each channel of x [inputRows, channels] filtered by its own w [kernel, kernel, channels]. */
export const depthwise = defineTensorKernel({
  name: 'depthwise',
  operands: {
    x: { access: 'read', width: 4, lazy: inputExtent },
    w: { access: 'read', width: 4 },
    out: { access: 'write', width: 4 },
  },
  parameters: depthwiseParameters,
  constants: filterConstants,
  epilogue: { of: 'out', ...channelRows('c4'), chunk: 'chunk' },
  workgroups: ({ rows, c4, chunk }) => columnGroups(c4, Math.ceil(rows / chunk)),
  wgsl: depthwiseWgsl,
  wasm: {
    tiles: (p) => depthwiseTiles(p, 3, p.rows, p.sampleRows),
    tileRows: ({ chunk, width }) => rowsOfTile(chunk, width),
    scratch({ chunk, height, width, outWidth, outHeight, kernel, stride }) {
      const lines = Math.min((linesOfChunk(chunk, outWidth, outHeight) - 1) * stride + kernel, height);
      return 4 * blockBytes + (kernel ** 2 + lines * (width + kernel - 1)) * pixelBytes;
    },
  },
  reference({ x, w, out }, p) {
    out.fill(0);
    eachTap(p, p.rows, (output, tap, input) => addProductOfRows(4 * p.c4, out, output, x, input, w, tap));
  },
});
