// Values of four samples lie together: [n, 4].

/** Bytes of a row of four samples. */
const ROW: usize = 16;
/** Rows that a product computes at a time: their sums are written whole, the rest beyond the last row. */
const ROWS: usize = 8;
/** Products that are summed at a time. */
const BLOCK: usize = 128;

/** Bytes of so many values of four samples. */
export const bytesOfRows = (rows: usize): usize => (rows + ROWS) * ROW;

/** The addresses of four samples' values [samples, n]; in place of those that are not there, the last's. */
export class FourSamples {
  @inline
  static at(values: usize, sample: usize, samples: usize, n: usize): usize {
    return values + min(sample, samples - 1) * n * 4;
  }
}

/** out [n, 4] = four samples of values [samples, n], from the first-th. */
export function packSamples(values: usize, n: usize, first: usize, samples: usize, out: usize): void {
  const a = FourSamples.at(values, first, samples, n);
  const b = FourSamples.at(values, first + 1, samples, n);
  const c = FourSamples.at(values, first + 2, samples, n);
  const d = FourSamples.at(values, first + 3, samples, n);
  for (let i: usize = 0; i < n * 4; i += 4, out += ROW) {
    store<f32>(out, load<f32>(a + i));
    store<f32>(out, load<f32>(b + i), 4);
    store<f32>(out, load<f32>(c + i), 8);
    store<f32>(out, load<f32>(d + i), 12);
  }
}

/** The reverse of packSamples. */
export function unpackSamples(packed: usize, n: usize, first: usize, samples: usize, values: usize): void {
  const a = FourSamples.at(values, first, samples, n);
  const b = FourSamples.at(values, first + 1, samples, n);
  const c = FourSamples.at(values, first + 2, samples, n);
  const d = FourSamples.at(values, first + 3, samples, n);
  for (let i: usize = 0; i < n * 4; i += 4, packed += ROW) {
    const four = v128.load(packed);
    v128.store32_lane(a + i, four, 0);
    v128.store32_lane(b + i, four, 1);
    v128.store32_lane(c + i, four, 2);
    v128.store32_lane(d + i, four, 3);
  }
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
