import { addPair } from '../panels.as';
import { Tile } from '../wasm-call.as';

/** Adds the transpose of g times x, in the columns of their tiles, to weights in panels (panels.ts); or writes it where `isNew`. */
export function addProducts(
  g: usize,
  outputs: Tile,
  x: usize,
  inputs: Tile,
  weights: usize,
  isNew: bool,
): void {
  const from = inputs.from >> 2;
  const to = inputs.to >> 2;
  for (let c = outputs.from; c < outputs.to; c += 32) {
    // bytes of an input in the panel
    const width = min<usize>(32, outputs.to - c);
    const panel = weights + c * (inputs.stride >> 2);
    if (isNew) memory.fill(panel + from * width, 0, (to - from) * width);
    for (let input = from; input < to; input += 4) {
      const out = panel + input * width;
      if (width === 32) addEight(x + input * 4, inputs.stride, g + c, outputs.stride, outputs.rows, out);
      else addFour(x + input * 4, inputs.stride, g + c, outputs.stride, outputs.rows, out);
    }
  }
}

/** out [4, 8] += the transpose of x [rows, 4] times g [rows, 8]. */
function addEight(x: usize, xStride: usize, g: usize, gStride: usize, rows: usize, out: usize): void {
  let s00 = f32x4.splat(0),
    s01 = s00,
    s10 = s00,
    s11 = s00,
    s20 = s00,
    s21 = s00,
    s30 = s00,
    s31 = s00;
  for (; rows > 0; rows--, x += xStride, g += gStride) {
    const low = v128.load(g),
      high = v128.load(g, 16);
    const v0 = v128.load32_splat(x),
      v1 = v128.load32_splat(x, 4),
      v2 = v128.load32_splat(x, 8),
      v3 = v128.load32_splat(x, 12);
    s00 = f32x4.add(s00, f32x4.mul(v0, low));
    s01 = f32x4.add(s01, f32x4.mul(v0, high));
    s10 = f32x4.add(s10, f32x4.mul(v1, low));
    s11 = f32x4.add(s11, f32x4.mul(v1, high));
    s20 = f32x4.add(s20, f32x4.mul(v2, low));
    s21 = f32x4.add(s21, f32x4.mul(v2, high));
    s30 = f32x4.add(s30, f32x4.mul(v3, low));
    s31 = f32x4.add(s31, f32x4.mul(v3, high));
  }
  addPair(out, s00, s01);
  addPair(out + 32, s10, s11);
  addPair(out + 64, s20, s21);
  addPair(out + 96, s30, s31);
}

/** out [4, 4] += the transpose of x [rows, 4] times g [rows, 4]. */
function addFour(x: usize, xStride: usize, g: usize, gStride: usize, rows: usize, out: usize): void {
  let s0 = f32x4.splat(0),
    s1 = s0,
    s2 = s0,
    s3 = s0;
  for (; rows > 0; rows--, x += xStride, g += gStride) {
    const values = v128.load(g);
    s0 = f32x4.add(s0, f32x4.mul(v128.load32_splat(x), values));
    s1 = f32x4.add(s1, f32x4.mul(v128.load32_splat(x, 4), values));
    s2 = f32x4.add(s2, f32x4.mul(v128.load32_splat(x, 8), values));
    s3 = f32x4.add(s3, f32x4.mul(v128.load32_splat(x, 12), values));
  }
  addPair(out, s0, s1);
  addPair(out + 32, s2, s3);
}
