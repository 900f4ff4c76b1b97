import { table } from '../kernel.ts';
import { definePreparedShader } from '../shader.ts';
import { lut } from './lut.ts';

export const lutShader = definePreparedShader(lut, {
  layout: { table: table('u32') },
  prepare: ({ tables }) => ({ table: packTables(tables) }),
  source: /* wgsl */ `
fn lut(call: Lut, image: Image, x: u32, y: u32) -> u32 {
  return throughProgramTable(call.table, pixelAt(image, x, y));
}
`,
});

/** Three tables of 256 bytes as 256 words, R | G << 8 | B << 16. */
function packTables(tables: Uint8Array): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, v) => {
    const [r, g, b] = [tables[v] as number, tables[256 + v] as number, tables[512 + v] as number];
    return r | (g << 8) | (b << 16);
  });
}
