/** out [samples, width] = so many columns of values [samples, n], from the first-th; what is beyond them is 0. */
export function copyColumns(
  values: usize,
  n: usize,
  first: usize,
  columns: usize,
  samples: usize,
  out: usize,
  width: usize,
): void {
  memory.fill(out, 0, samples * width * 4);
  for (let sample: usize = 0; sample < samples; sample++)
    memory.copy(out + sample * width * 4, values + (sample * n + first) * 4, columns * 4);
}

/** out [n] += the sum over samples of values [samples, n], in so many columns from the first-th. */
export function addRows(
  values: usize,
  n: usize,
  first: usize,
  columns: usize,
  samples: usize,
  out: usize,
): void {
  for (let column = first; column < first + columns; column++) {
    let sum: f32 = 0;
    for (let sample: usize = 0; sample < samples; sample++)
      sum += load<f32>(values + (sample * n + column) * 4);
    store<f32>(out + column * 4, load<f32>(out + column * 4) + sum);
  }
}

/**
 * out [rows, columns] += the sum over samples of a [samples, rows] times b [samples, columns]. A sample of a, of b, and a row of `out`
 * begin aWidth, bWidth and outWidth values after each other; b can be read up to a multiple of 8 columns.
 */
export function addProducts(
  a: usize,
  aWidth: usize,
  rows: usize,
  b: usize,
  bWidth: usize,
  columns: usize,
  samples: usize,
  out: usize,
  outWidth: usize,
): void {
  for (let row: usize = 0; row < rows; row += 4) {
    for (let column: usize = 0; column < columns; column += 8)
      addTile(
        a + row * 4,
        aWidth * 4,
        min<usize>(4, rows - row),
        b + column * 4,
        bWidth * 4,
        min<usize>(8, columns - column),
        samples,
        out + (row * outWidth + column) * 4,
        outWidth * 4,
      );
  }
}

/** The same of at most four rows and eight columns; widths in bytes. */
function addTile(
  a: usize,
  aWidth: usize,
  rows: usize,
  b: usize,
  bWidth: usize,
  columns: usize,
  samples: usize,
  out: usize,
  outWidth: usize,
): void {
  // in place of rows beyond the last: the last
  const second = a + min<usize>(1, rows - 1) * 4,
    third = a + min<usize>(2, rows - 1) * 4,
    fourth = a + (rows - 1) * 4;
  let s00 = f32x4.splat(0),
    s01 = s00,
    s10 = s00,
    s11 = s00,
    s20 = s00,
    s21 = s00,
    s30 = s00,
    s31 = s00;
  for (let offset: usize = 0, end = samples * aWidth; offset < end; offset += aWidth, b += bWidth) {
    const low = v128.load(b),
      high = v128.load(b, 16);
    const v0 = v128.load32_splat(a + offset),
      v1 = v128.load32_splat(second + offset),
      v2 = v128.load32_splat(third + offset),
      v3 = v128.load32_splat(fourth + offset);
    s00 = f32x4.add(s00, f32x4.mul(v0, low));
    s01 = f32x4.add(s01, f32x4.mul(v0, high));
    s10 = f32x4.add(s10, f32x4.mul(v1, low));
    s11 = f32x4.add(s11, f32x4.mul(v1, high));
    s20 = f32x4.add(s20, f32x4.mul(v2, low));
    s21 = f32x4.add(s21, f32x4.mul(v2, high));
    s30 = f32x4.add(s30, f32x4.mul(v3, low));
    s31 = f32x4.add(s31, f32x4.mul(v3, high));
  }
  addColumns(out, s00, s01, columns);
  if (rows > 1) addColumns(out + outWidth, s10, s11, columns);
  if (rows > 2) addColumns(out + 2 * outWidth, s20, s21, columns);
  if (rows > 3) addColumns(out + 3 * outWidth, s30, s31, columns);
}

/** out += the first of eight values. */
function addColumns(out: usize, low: v128, high: v128, columns: usize): void {
  if (columns < 4) return addLanes(out, low, columns);
  v128.store(out, f32x4.add(v128.load(out), low));
  if (columns < 8) return addLanes(out + 16, high, columns - 4);
  v128.store(out, f32x4.add(v128.load(out, 16), high), 16);
}

/** out += the first of four values, fewer than all. */
function addLanes(out: usize, values: v128, count: usize): void {
  if (count > 0) store<f32>(out, load<f32>(out) + f32x4.extract_lane(values, 0));
  if (count > 1) store<f32>(out, load<f32>(out, 4) + f32x4.extract_lane(values, 1), 4);
  if (count > 2) store<f32>(out, load<f32>(out, 8) + f32x4.extract_lane(values, 2), 8);
}
