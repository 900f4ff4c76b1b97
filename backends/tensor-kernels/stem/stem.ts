import { columnGroups } from '../columns-of-lanes.wgsl.ts';
import { eachTap } from '../filter.ts';
import { addScaledRow } from '../rows.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { stemWgsl } from './stem.wgsl.ts';

/** out [rows, channels]: images [samples, height, width, 3] filtered by w [kernel, kernel, 3, channels]. */
export const stem = defineTensorKernel({
  name: 'stem',
  operands: {
    images: { access: 'read', width: 1 },
    w: { access: 'read', width: 4 },
    out: { access: 'write', width: 4 },
  },
  parameters: {
    rows: 'u32',
    c4: 'u32',
    height: 'u32',
    width: 'u32',
    outHeight: 'u32',
    outWidth: 'u32',
    chunk: 'u32',
    sampleRows: 'u32',
  },
  constants: ['kernel', 'stride'],
  epilogue: { of: 'out', rows: 'rows', width: 'c4', sampleRows: 'sampleRows', chunk: 'chunk' },
  workgroups: ({ rows, c4, chunk }) => columnGroups(c4, Math.ceil(rows / chunk)),
  wgsl: stemWgsl,
  reference({ images, w, out }, p) {
    out.fill(0);
    eachTap(p, p.rows, (output, tap, input) => {
      for (let color = 0; color < 3; color++)
        addScaledRow(4 * p.c4, out, output, images[3 * input + color] as number, w, 3 * tap + color);
    });
  },
});
