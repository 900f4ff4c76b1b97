import { type ArgumentsOf, defineKernel, type KernelCall, table, u32 } from '../kernel.ts';
import { copyPixel } from '../pixel.ts';

const layout = {
  columns: table('i32'),
  rows: table('i32'),
  outputWidth: u32,
  outputHeight: u32,
  fill: u32,
} as const;

type GatherArguments = ArgumentsOf<typeof layout>;

/**
 * Output pixel (x, y) is the input's at (columns[x], rows[y]); `fill`, R | G << 8 | B << 16, where that lies outside.
 * `columns`: one index a column of the output, `rows`: one a row. For flips, padding, and axis-aligned maps that fixed
 * point does not hit exactly.
 */
export const gather = defineKernel({
  name: 'gather',
  layout,
  outputSize: ({ outputWidth, outputHeight }) => ({ width: outputWidth, height: outputHeight }),
  fuse(first, second) {
    const isInside = isWithin(second.columns, first.outputWidth) && isWithin(second.rows, first.outputHeight);
    if (!isInside && first.fill !== second.fill) return undefined;
    return {
      ...second,
      columns: after(first.columns, second.columns),
      rows: after(first.rows, second.rows),
      fill: first.fill,
    };
  },
  reference({ columns, rows, outputWidth, outputHeight, fill }, input, output) {
    for (let y = 0; y < outputHeight; y++) {
      for (let x = 0; x < outputWidth; x++) {
        copyPixel(input, columns[x] as number, rows[y] as number, fill, output, (y * outputWidth + x) * 3);
      }
    }
  },
});

/** The call of these tables: they say how large the output is. */
export const gatherCall = (args: Pick<GatherArguments, 'columns' | 'rows' | 'fill'>): KernelCall =>
  gather({ ...args, outputWidth: args.columns.length, outputHeight: args.rows.length });

const isWithin = (indices: Int32Array, length: number): boolean =>
  indices.every((index) => index >= 0 && index < length);

/** The indices of two calls at once; -1 where the second one's lie outside what the first one makes. */
const after = (first: Int32Array, second: Int32Array): Int32Array =>
  second.map((index) => first[index] ?? -1);
