import { ParameterError } from '../../../src/core/errors.ts';
import { defineKernel, table } from '../kernel.ts';

const ENTRIES = 3 * 256;

/** Every pixel through one 256-entry table a channel. `tables`: 768 bytes, R then G then B. */
export const lut = defineKernel({
  name: 'lut',
  layout: { tables: table('u8') },
  check({ tables }) {
    if (tables.length === ENTRIES) return;
    const expected = `${ENTRIES} entries (256 each for R, G and B)`;
    throw new ParameterError('INVALID_TABLES', `lut: tables must have ${expected}, got ${tables.length}`);
  },
  fuse: (first, second) => ({
    tables: first.tables.map((value, i) => second.tables[(i & ~255) + value] as number),
  }),
  reference({ tables }, { data }, output) {
    for (let i = 0; i < data.length; i++) output[i] = tables[(i % 3) * 256 + (data[i] as number)] as number;
  },
});

/** The same table for R, G and B: entry v is `value(v)`, rounded down and clamped to 0..255. */
export function sameTables(value: (v: number) => number): Uint8Array {
  const tables = new Uint8Array(ENTRIES);
  for (let v = 0; v < 256; v++) tables[v] = Math.max(0, Math.min(255, Math.trunc(value(v))));
  tables.copyWithin(256, 0, 256);
  tables.copyWithin(512, 0, 256);
  return tables;
}
