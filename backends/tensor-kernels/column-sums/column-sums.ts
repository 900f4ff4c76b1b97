import { columnGroups } from '../columns-of-lanes.wgsl.ts';
import { addRow } from '../rows.ts';
import { rowsOfBlock, tilesOfSums } from '../sums-of-rows.ts';
import { channelRows, defineTensorKernel } from '../tensor-kernel.ts';
import { columnSumsWgsl } from './column-sums.wgsl.ts';

const lazy = channelRows('c4');

/** parts [parts, 2, channels]: sums of two values over chunks of rows. */
export const columnSums = defineTensorKernel({
  name: 'column-sums',
  operands: {
    first: { access: 'read', width: 4, lazy },
    second: { access: 'read', width: 4, lazy },
    parts: { access: 'write', width: 4 },
  },
  parameters: { rows: 'u32', c4: 'u32', sampleRows: 'u32', chunk: 'u32' },
  workgroups: ({ rows, c4, chunk }) => columnGroups(c4, Math.ceil(rows / chunk)),
  wgsl: columnSumsWgsl,
  wasm: {
    tiles: (p) => tilesOfSums(Math.ceil(p.rows / p.chunk), p),
    tileRows: (p) => Math.min(p.chunk, rowsOfBlock(p)),
  },
  reference({ first, second, parts }, { rows, c4, chunk }) {
    parts.fill(0);
    for (let row = 0; row < rows; row++) {
      const part = Math.floor(row / chunk);
      addRow(4 * c4, parts, 2 * part, first, row);
      addRow(4 * c4, parts, 2 * part + 1, second, row);
    }
  },
});
