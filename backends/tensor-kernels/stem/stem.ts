import { columnGroups } from '../columns-of-lanes.wgsl.ts';
import { eachTap, filterConstants, filterParameters } from '../filter.ts';
import { blockBytes, stemFrameBytes, stemTiles } from '../frame.ts';
import { addScaledRow } from '../rows.ts';
import { channelRows, defineTensorKernel } from '../tensor-kernel.ts';
import { stemWgsl } from './stem.wgsl.ts';

/** out [rows, channels]: images [samples, height, width, 3] filtered by w [kernel, kernel, 3, channels]. */
export const stem = defineTensorKernel({
  name: 'stem',
  operands: {
    images: { access: 'read', width: 1 },
    w: { access: 'read', width: 4 },
    out: { access: 'write', width: 4 },
  },
  parameters: filterParameters,
  constants: filterConstants,
  epilogue: { of: 'out', ...channelRows('c4'), chunk: 'chunk' },
  workgroups: ({ rows, c4, chunk }) => columnGroups(c4, Math.ceil(rows / chunk)),
  wgsl: stemWgsl,
  wasm: {
    tiles: stemTiles,
    tileRows: ({ chunk }) => chunk,
    scratch: (p) => 2 * blockBytes + 3 * p.kernel ** 2 * 16 * p.c4 + stemFrameBytes(p),
    elementOf: 'images',
  },
  reference({ images, w, out }, p) {
    out.fill(0);
    eachTap(p, p.rows, (output, tap, input) => {
      for (let color = 0; color < 3; color++)
        addScaledRow(4 * p.c4, out, output, images[3 * input + color] as number, w, 3 * tap + color);
    });
  },
});
