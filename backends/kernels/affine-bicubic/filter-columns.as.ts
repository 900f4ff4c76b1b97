import { clamp, coefficient } from '../coordinates.as';
import { filtered, innerQuarters, innerRest, outerWeights, pixelOf, product16, squareOf } from './cubic.as';

/** Of a column in the table: its weights, and the first tap's distance from the row. */
const COLUMN_BYTES = 16;

/** Writes the table of columns whose pixels show the input at a fraction of y that is theirs alone. */
export function weighColumns(table: usize, width: i32, coordinates: usize): void {
  const end = table + width * COLUMN_BYTES;
  let y = coefficient(coordinates, 5);
  for (; table < end; table += COLUMN_BYTES) {
    const d = <i32>(<u32>y >>> 16);
    const d2 = squareOf(d);
    const d3 = product16(d2, d);
    v128.store32_lane(table, outerWeights(d, d2, d3), 0, 0);
    v128.store32_lane(table, innerQuarters(d, d2, d3), 0, 4);
    v128.store32_lane(table, innerRest(d, d2, d3), 0, 8);
    store<i32>(table, <i32>(y >> 32) - 1, 12);
    y += coefficient(coordinates, 3);
  }
}

/** Pixels from `target` to `end`; `column` is the table's of the first, `at` its pixel in the input's first row. */
export function filterColumns(
  at: usize,
  bytesPerRow: i32,
  lastRow: i32,
  target: usize,
  end: usize,
  row: i32,
  column: usize,
): void {
  for (; target < end; target += 3, at += 3, column += COLUMN_BYTES) {
    const top = load<i32>(column, 12) + row;
    let tap0 = at + top * bytesPerRow;
    let tap1 = tap0 + bytesPerRow;
    let tap2 = tap1 + bytesPerRow;
    let tap3 = tap2 + bytesPerRow;
    if (top < 0 || top + 3 > lastRow) {
      tap0 = at + clamp(top, lastRow) * bytesPerRow;
      tap1 = at + clamp(top + 1, lastRow) * bytesPerRow;
      tap2 = at + clamp(top + 2, lastRow) * bytesPerRow;
      tap3 = at + clamp(top + 3, lastRow) * bytesPerRow;
    }
    const sums = filtered(
      pairsOf(tap0, tap3),
      pairsOf(tap1, tap2),
      v128.load32_splat(column),
      v128.load32_splat(column, 4),
      v128.load32_splat(column, 8),
    );
    store<u32>(target, pixelOf(i32x4.shr_s(sums, 16)));
  }
}

/** The channels of two pixels as pairs of i16. */
function pairsOf(first: usize, second: usize): v128 {
  const a = v128.load32_zero(first);
  const b = v128.load32_zero(second);
  const bytes = v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  return i16x8.extend_low_i8x16_u(bytes);
}
