import { columnGroups } from '../columns-of-lanes.wgsl.ts';
import { depthwiseParameters, eachTap, filterConstants, inputExtent } from '../filter.ts';
import { blockBytes, depthwiseTiles, linesOfChunk, pixelBytes, rowsOfTile } from '../frame.ts';
import { addProductOfRows } from '../rows.ts';
import { channelRows, defineTensorKernel, type Numbers } from '../tensor-kernel.ts';
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
  wasm: {
    tiles: (p) => depthwiseTiles(p, 4, p.inputRows, p.inputSampleRows),
    tileRows: ({ chunk, width }) => rowsOfTile(chunk, width),
    scratch: gradientsScratch,
  },
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

/** For the filters of all remainders and for two frames: of outputs that reach a chunk's inputs, and of these. */
function gradientsScratch({
  chunk,
  height,
  width,
  kernel,
  stride,
}: Numbers<'chunk' | 'height' | 'width' | 'kernel' | 'stride'>): number {
  const reach = Math.floor((kernel - 1) / stride);
  const lines = linesOfChunk(chunk, width, height);
  const filters = (stride * (reach + 1)) ** 2;
  const outLines = Math.min(Math.ceil((lines - 1) / stride) + 1 + reach, Math.ceil(height / stride));
  const outputs = outLines * (Math.ceil(width / stride) + 1 + reach);
  return 6 * blockBytes + (filters + outputs + lines * (width + kernel - 1)) * pixelBytes;
}
