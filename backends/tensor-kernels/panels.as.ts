import { Tile } from './wasm-call.as';

// Weights [n, k] lie in panels: of 8 outputs each, [k, 8]; of 4 where that is what is left.

/** Bytes of a row of a panel of 8. */
const PANEL: usize = 32;

/**
 * out = x [rows, depth] times weights in panels, plus initial values (0: none), in the tile's columns, which begin with a panel.
 * `out` is the tile's first row. Initial values are a row for each of the tile's, or one for all where their stride is 0.
 */
export function multiplyRows(
  x: usize,
  xStride: usize,
  panels: usize,
  depth: usize,
  initial: usize,
  initialStride: usize,
  tile: Tile,
  out: usize,
): void {
  const stride = tile.stride;
  for (let c = tile.from; c < tile.to; c += PANEL) {
    const isWhole = c + PANEL <= tile.to;
    let row: usize = 0;
    if (isWhole) {
      for (; row + 4 <= tile.rows; row += 4) {
        const start: usize = initial === 0 ? 0 : initial + row * initialStride + c;
        multiplyFourRows(
          x + row * xStride,
          xStride,
          panels,
          depth,
          start,
          initialStride,
          out + row * stride + c,
          stride,
        );
      }
    }
    for (; row < tile.rows; row++) {
      const start: usize = initial === 0 ? 0 : initial + row * initialStride + c;
      multiplyRow(x + row * xStride, panels, depth, start, out + row * stride + c, isWhole);
    }
    panels += depth * PANEL;
  }
}

/** out [4, 8] = x [4, depth] times a panel. */
function multiplyFourRows(
  x: usize,
  xStride: usize,
  panel: usize,
  depth: usize,
  initial: usize,
  initialStride: usize,
  out: usize,
  stride: usize,
): void {
  const end = x + depth * 4;
  const x2: usize = 2 * xStride;
  const x3: usize = 3 * xStride;
  let s00 = f32x4.splat(0),
    s01 = s00,
    s10 = s00,
    s11 = s00,
    s20 = s00,
    s21 = s00,
    s30 = s00,
    s31 = s00;
  for (; x < end; x += 4) {
    const low = v128.load(panel),
      high = v128.load(panel, 16);
    const v0 = v128.load32_splat(x),
      v1 = v128.load32_splat(x + xStride),
      v2 = v128.load32_splat(x + x2),
      v3 = v128.load32_splat(x + x3);
    s00 = f32x4.add(s00, f32x4.mul(v0, low));
    s01 = f32x4.add(s01, f32x4.mul(v0, high));
    s10 = f32x4.add(s10, f32x4.mul(v1, low));
    s11 = f32x4.add(s11, f32x4.mul(v1, high));
    s20 = f32x4.add(s20, f32x4.mul(v2, low));
    s21 = f32x4.add(s21, f32x4.mul(v2, high));
    s30 = f32x4.add(s30, f32x4.mul(v3, low));
    s31 = f32x4.add(s31, f32x4.mul(v3, high));
    panel += PANEL;
  }
  storePair(out, s00, s01);
  storePair(out + stride, s10, s11);
  storePair(out + 2 * stride, s20, s21);
  storePair(out + 3 * stride, s30, s31);
  if (initial === 0) return;
  // sums that begin with what is loaded take 1.15 times as long in V8
  for (const rowsEnd = out + 4 * stride; out < rowsEnd; out += stride, initial += initialStride)
    addPair(out, v128.load(initial), v128.load(initial, 16));
}

/** One row times a panel of 8 outputs, or of 4. */
function multiplyRow(x: usize, panel: usize, depth: usize, initial: usize, out: usize, isWhole: bool): void {
  let low = initial === 0 ? f32x4.splat(0) : v128.load(initial);
  const end = x + depth * 4;
  if (!isWhole) {
    for (; x < end; x += 4, panel += 16)
      low = f32x4.add(low, f32x4.mul(v128.load32_splat(x), v128.load(panel)));
    v128.store(out, low);
    return;
  }
  let high = initial === 0 ? f32x4.splat(0) : v128.load(initial, 16);
  for (; x < end; x += 4, panel += PANEL) {
    const value = v128.load32_splat(x);
    low = f32x4.add(low, f32x4.mul(value, v128.load(panel)));
    high = f32x4.add(high, f32x4.mul(value, v128.load(panel, 16)));
  }
  storePair(out, low, high);
}

export function storePair(out: usize, low: v128, high: v128): void {
  v128.store(out, low);
  v128.store(out, high, 16);
}

export function addPair(out: usize, low: v128, high: v128): void {
  storePair(out, f32x4.add(v128.load(out), low), f32x4.add(v128.load(out, 16), high));
}
