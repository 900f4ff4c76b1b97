// Values of four samples lie together: [n, 4].

/** Bytes of a row of four samples. */
const ROW: usize = 16;
/** Rows that a product computes at a time: their sums are written whole, the rest beyond the last row. */
const ROWS: usize = 8;
/** Products that are summed at a time. */
const BLOCK: usize = 128;

/** Bytes of so many values of four samples. */
export const bytesOfRows = (rows: usize): usize => (rows + ROWS) * ROW;

/** The address of a sample's values [samples, n]; in place of one that is not there, the last's. */
function placeOf(values: usize, sample: usize, samples: usize, n: usize): usize {
  return values + min(sample, samples - 1) * n * 4;
}

/** out [n, 4] = four samples of values [samples, n], from the first-th. */
export function packSamples(values: usize, n: usize, first: usize, samples: usize, out: usize): void {
  const a = placeOf(values, first, samples, n);
  const b = placeOf(values, first + 1, samples, n);
  const c = placeOf(values, first + 2, samples, n);
  const d = placeOf(values, first + 3, samples, n);
  let i: usize = 0;
  for (; i + 16 <= n * 4; i += 16, out += 4 * ROW)
    transpose(a + i, b + i, c + i, d + i, out, out + 16, out + 32, out + 48);
  for (; i < n * 4; i += 4, out += ROW) {
    store<f32>(out, load<f32>(a + i));
    store<f32>(out, load<f32>(b + i), 4);
    store<f32>(out, load<f32>(c + i), 8);
    store<f32>(out, load<f32>(d + i), 12);
  }
}

/** The reverse of packSamples. */
export function unpackSamples(packed: usize, n: usize, first: usize, samples: usize, values: usize): void {
  const a = placeOf(values, first, samples, n);
  const b = placeOf(values, first + 1, samples, n);
  const c = placeOf(values, first + 2, samples, n);
  const d = placeOf(values, first + 3, samples, n);
  let i: usize = 0;
  for (; i + 16 <= n * 4; i += 16, packed += 4 * ROW)
    transpose(packed, packed + 16, packed + 32, packed + 48, a + i, b + i, c + i, d + i);
  for (; i < n * 4; i += 4, packed += ROW) {
    store<f32>(a + i, load<f32>(packed));
    store<f32>(b + i, load<f32>(packed, 4));
    store<f32>(c + i, load<f32>(packed, 8));
    store<f32>(d + i, load<f32>(packed, 12));
  }
}

/** Four vectors whose i-th values are the four values of the i-th one. */
function transpose(
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  outA: usize,
  outB: usize,
  outC: usize,
  outD: usize,
): void {
  const first = v128.load(a),
    second = v128.load(b),
    third = v128.load(c),
    fourth = v128.load(d);
  const upperLeft = i32x4.shuffle(first, second, 0, 4, 1, 5),
    upperRight = i32x4.shuffle(first, second, 2, 6, 3, 7),
    lowerLeft = i32x4.shuffle(third, fourth, 0, 4, 1, 5),
    lowerRight = i32x4.shuffle(third, fourth, 2, 6, 3, 7);
  v128.store(outA, i64x2.shuffle(upperLeft, lowerLeft, 0, 2));
  v128.store(outB, i64x2.shuffle(upperLeft, lowerLeft, 1, 3));
  v128.store(outC, i64x2.shuffle(upperRight, lowerRight, 0, 2));
  v128.store(outD, i64x2.shuffle(upperRight, lowerRight, 1, 3));
}

/**
 * out [rows, 4] = weights [rows, depth] times x [depth, 4], plus a bias [rows] (0: none). Weights are `rowStride` bytes from row to
 * row, and `stride` bytes within one: they may be read transposed.
 */
export function multiplySamples(
  weights: usize,
  rowStride: usize,
  stride: usize,
  rows: usize,
  depth: usize,
  x: usize,
  bias: usize,
  out: usize,
): void {
  for (let row: usize = 0; row < rows; row += ROWS) {
    const sums = out + row * ROW;
    startSums(sums, bias, row, rows);
    // in blocks, so that the error does not grow with the depth
    for (let first: usize = 0; first < depth; first += BLOCK) {
      const from = weights + first * stride;
      const end = x + min(first + BLOCK, depth) * ROW;
      addEightRows(from, row, rows - 1, rowStride, stride, x + first * ROW, end, sums);
    }
  }
}

/** Eight rows of the bias, or of 0. */
function startSums(sums: usize, bias: usize, row: usize, rows: usize): void {
  for (let i: usize = 0; i < ROWS; i++) {
    const value: f32 = bias === 0 ? 0 : load<f32>(bias + min(row + i, rows - 1) * 4);
    v128.store(sums + i * ROW, f32x4.splat(value));
  }
}

/** Adds products of eight rows, the last one again in place of those beyond it. */
function addEightRows(
  weights: usize,
  row: usize,
  last: usize,
  rowStride: usize,
  stride: usize,
  x: usize,
  end: usize,
  out: usize,
): void {
  const w0 = weights + row * rowStride,
    w1 = weights + min(row + 1, last) * rowStride,
    w2 = weights + min(row + 2, last) * rowStride,
    w3 = weights + min(row + 3, last) * rowStride,
    w4 = weights + min(row + 4, last) * rowStride,
    w5 = weights + min(row + 5, last) * rowStride,
    w6 = weights + min(row + 6, last) * rowStride,
    w7 = weights + min(row + 7, last) * rowStride;
  let s0 = f32x4.splat(0),
    s1 = s0,
    s2 = s0,
    s3 = s0,
    s4 = s0,
    s5 = s0,
    s6 = s0,
    s7 = s0;
  for (let offset: usize = 0; x < end; x += ROW, offset += stride) {
    const four = v128.load(x);
    s0 = f32x4.add(s0, f32x4.mul(four, v128.load32_splat(w0 + offset)));
    s1 = f32x4.add(s1, f32x4.mul(four, v128.load32_splat(w1 + offset)));
    s2 = f32x4.add(s2, f32x4.mul(four, v128.load32_splat(w2 + offset)));
    s3 = f32x4.add(s3, f32x4.mul(four, v128.load32_splat(w3 + offset)));
    s4 = f32x4.add(s4, f32x4.mul(four, v128.load32_splat(w4 + offset)));
    s5 = f32x4.add(s5, f32x4.mul(four, v128.load32_splat(w5 + offset)));
    s6 = f32x4.add(s6, f32x4.mul(four, v128.load32_splat(w6 + offset)));
    s7 = f32x4.add(s7, f32x4.mul(four, v128.load32_splat(w7 + offset)));
  }
  addTo(out, s0);
  addTo(out + 16, s1);
  addTo(out + 32, s2);
  addTo(out + 48, s3);
  addTo(out + 64, s4);
  addTo(out + 80, s5);
  addTo(out + 96, s6);
  addTo(out + 112, s7);
}

function addTo(sums: usize, four: v128): void {
  v128.store(sums, f32x4.add(v128.load(sums), four));
}
