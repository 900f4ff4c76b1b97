import { columnGroups } from '../columns-of-lanes.wgsl.ts';
import { eachTap, filterConstants, filterParameters } from '../filter.ts';
import { blockBytes, stemFrameBytes, stemTiles } from '../frame.ts';
import { addScaledRow } from '../rows.ts';
import { channelRows, defineTensorKernel } from '../tensor-kernel.ts';
import { stemFilterGradientWgsl } from './stem-filter-gradient.wgsl.ts';

/** parts [parts, kernel, kernel, 3, channels]: the gradient of the stem's filter, from its output's, by chunks of rows. */
export const stemFilterGradient = defineTensorKernel({
  name: 'stem-filter-gradient',
  operands: {
    g: { access: 'read', width: 4, lazy: channelRows('c4') },
    images: { access: 'read', width: 1 },
    parts: { access: 'write', width: 4 },
  },
  parameters: filterParameters,
  constants: filterConstants,
  workgroups: ({ rows, c4, chunk }) => columnGroups(c4, Math.ceil(rows / chunk)),
  wgsl: stemFilterGradientWgsl,
  wasm: {
    tiles: stemTiles,
    tileRows: ({ outWidth }) => outWidth,
    scratch: (p) => 2 * blockBytes + stemFrameBytes(p),
    elementOf: 'images',
  },
  reference({ g, images, parts }, p) {
    parts.fill(0);
    eachTap(p, p.rows, (output, tap, input) => {
      const first = 3 * (Math.floor(output / p.chunk) * p.kernel ** 2 + tap);
      for (let color = 0; color < 3; color++)
        addScaledRow(4 * p.c4, parts, first + color, images[3 * input + color] as number, g, output);
    });
  },
});
