// A strip holds a pixel of each of four rows, side by side, for every column: RGBX, 16 bytes a column.

export const COLUMN_BYTES: usize = 16;

/** Copies the strip's rows to where they belong. */
export function spreadStrip(strip: usize, length: i32, t0: usize, t1: usize, t2: usize, t3: usize): void {
  const end = strip + <usize>length * COLUMN_BYTES;
  // a store of four pixels writes four bytes too many, which the next two pixels are then written over
  for (; strip + 6 * COLUMN_BYTES <= end; strip += 4 * COLUMN_BYTES) {
    storeFourColumns(strip, t0, t1, t2, t3);
    t0 += 12;
    t1 += 12;
    t2 += 12;
    t3 += 12;
  }
  for (; strip < end; strip += COLUMN_BYTES) {
    storeLastPixels(t0, t1, t2, t3, v128.load(strip));
    t0 += 3;
    t1 += 3;
    t2 += 3;
    t3 += 3;
  }
}

/** The strip's columns turned into rows of four pixels. */
function storeFourColumns(strip: usize, t0: usize, t1: usize, t2: usize, t3: usize): void {
  const column0 = v128.load(strip);
  const column1 = v128.load(strip, 16);
  const column2 = v128.load(strip, 32);
  const column3 = v128.load(strip, 48);
  const a = v128.shuffle<u32>(column0, column1, 0, 4, 1, 5);
  const b = v128.shuffle<u32>(column2, column3, 0, 4, 1, 5);
  const c = v128.shuffle<u32>(column0, column1, 2, 6, 3, 7);
  const d = v128.shuffle<u32>(column2, column3, 2, 6, 3, 7);
  v128.store(t0, packed(v128.shuffle<u64>(a, b, 0, 2)));
  v128.store(t1, packed(v128.shuffle<u64>(a, b, 1, 3)));
  v128.store(t2, packed(v128.shuffle<u64>(c, d, 0, 2)));
  v128.store(t3, packed(v128.shuffle<u64>(c, d, 1, 3)));
}

/** Four pixels without the fourth byte of each. */
function packed(pixels: v128): v128 {
  return v128.swizzle(pixels, i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
}

/** A pixel to each of four rows, and one byte too many, which the next pixel is written over. */
export function storePixels(t0: usize, t1: usize, t2: usize, t3: usize, pixels: v128): void {
  v128.store_lane<i32>(t0, pixels, 0);
  v128.store_lane<i32>(t1, pixels, 1);
  v128.store_lane<i32>(t2, pixels, 2);
  v128.store_lane<i32>(t3, pixels, 3);
}

/** The same without a byte too many. */
export function storeLastPixels(t0: usize, t1: usize, t2: usize, t3: usize, pixels: v128): void {
  v128.store_lane<i16>(t0, pixels, 0);
  v128.store_lane<i16>(t1, pixels, 2);
  v128.store_lane<i16>(t2, pixels, 4);
  v128.store_lane<i16>(t3, pixels, 6);
  v128.store_lane<i8>(t0, pixels, 2, 2);
  v128.store_lane<i8>(t1, pixels, 6, 2);
  v128.store_lane<i8>(t2, pixels, 10, 2);
  v128.store_lane<i8>(t3, pixels, 14, 2);
}
