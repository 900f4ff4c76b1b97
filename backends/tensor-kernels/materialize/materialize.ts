import { linearGroups } from '../kernel-form.ts';
import { channelRows, defineTensorKernel } from '../tensor-kernel.ts';
import { materializeWgsl } from './materialize.wgsl.ts';

/** out = x [rows, channels]: stores a lazy value. */
export const materialize = defineTensorKernel({
  name: 'materialize',
  operands: {
    x: { access: 'read', width: 4, lazy: channelRows('c4') },
    out: { access: 'write', width: 4 },
  },
  parameters: { rows: 'u32', c4: 'u32', sampleRows: 'u32' },
  workgroups: ({ rows, c4 }) => linearGroups(rows * c4),
  wgsl: materializeWgsl,
  wasm: {
    tiles: ({ rows, c4 }) => [1, Math.ceil(rows / rowsOfTile(c4))],
    tileRows: ({ c4 }) => rowsOfTile(c4),
  },
  reference: ({ x, out }) => out.set(x),
});

/** As many as stay in the nearest cache: materialize.as.ts has the same. */
const rowsOfTile = (c4: number): number => Math.max(1, Math.floor(2048 / c4));
