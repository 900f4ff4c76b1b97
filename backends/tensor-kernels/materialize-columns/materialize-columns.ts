import { columnGroups } from '../columns-of-lanes.wgsl.ts';
import { channelRows, defineTensorKernel } from '../tensor-kernel.ts';
import { materializeColumnsWgsl } from './materialize-columns.wgsl.ts';

/** out = x [rows, channels]: stores a lazy value, and takes sums of it, a part for each chunk of rows. */
export const materializeColumns = defineTensorKernel({
  name: 'materialize-columns',
  operands: {
    x: { access: 'read', width: 4, lazy: channelRows('c4') },
    out: { access: 'write', width: 4 },
  },
  parameters: { rows: 'u32', c4: 'u32', sampleRows: 'u32', chunk: 'u32' },
  epilogue: { of: 'out', ...channelRows('c4'), chunk: 'chunk' },
  workgroups: ({ rows, c4, chunk }) => columnGroups(c4, Math.ceil(rows / chunk)),
  wgsl: materializeColumnsWgsl,
  wasm: { tiles: ({ rows, chunk }) => [1, Math.ceil(rows / chunk)], tileRows: ({ chunk }) => chunk },
  reference: ({ x, out }) => out.set(x),
});
