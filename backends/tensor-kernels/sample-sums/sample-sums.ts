import { columnGroups } from '../columns-of-lanes.wgsl.ts';
import { addRow } from '../rows.ts';
import { rowsOfBlock, tilesOfSums } from '../sums-of-rows.ts';
import { channelRows, defineTensorKernel } from '../tensor-kernel.ts';
import { sampleSumsWgsl } from './sample-sums.wgsl.ts';

/** out [terms, samples, channels]: each term's sum over the rows of a sample. */
export const sampleSums = defineTensorKernel({
  name: 'sample-sums',
  operands: {
    terms: {
      access: 'read',
      width: 4,
      isList: true,
      lazy: channelRows('c4'),
    },
    out: { access: 'write', width: 4 },
  },
  parameters: { rows: 'u32', samples: 'u32', c4: 'u32', sampleRows: 'u32' },
  workgroups: ({ c4, samples }) => columnGroups(c4, samples),
  wgsl: sampleSumsWgsl,
  wasm: {
    tiles: (p) => tilesOfSums(p.samples, p),
    tileRows: rowsOfBlock,
  },
  reference({ terms, out }, { rows, samples, c4, sampleRows }) {
    out.fill(0);
    for (const [i, term] of terms.entries())
      for (let row = 0; row < rows; row++)
        addRow(4 * c4, out, i * samples + Math.floor(row / sampleRows), term, row);
  },
});
