import { COLORS, StemWindow } from '../stem-window.as';
import { Tile } from '../wasm-call.as';

/** Adds the products of a line's gradients and of its windows, of which the first is at `window`, to a part. */
export function addOuterProducts(
  shape: StemWindow,
  line: usize,
  window: usize,
  g: usize,
  tile: Tile,
  part: usize,
): void {
  const step = shape.stride * COLORS;
  for (let i = shape.kernel; i > 0; i--, window += line) {
    for (let j: usize = 0; j < shape.kernel; j++, part += 3 * tile.stride) {
      const colors = window + j * COLORS;
      let c = tile.from;
      for (; c + 32 <= tile.to; c += 32) addTap(2, colors, step, g + c, tile.rows, part + c, tile.stride);
      if (c < tile.to) addTap(1, colors, step, g + c, tile.rows, part + c, tile.stride);
    }
  }
}

function addTap(
  vectors: usize,
  colors: usize,
  step: usize,
  g: usize,
  pixels: usize,
  to: usize,
  stride: usize,
): void {
  if (vectors === 2) Tap.add(2, colors, step, g, pixels, to, stride);
  else Tap.add(1, colors, step, g, pixels, to, stride);
}

class Tap {
  @inline
  static plus(sum: v128, value: v128, factor: v128): v128 {
    return f32x4.add(sum, f32x4.mul(value, factor));
  }

  @inline
  static put(to: usize, sum: v128): void {
    v128.store(to, f32x4.add(v128.load(to), sum));
  }

  /** Sums of three colors by 8 channels, or by 4. The number of vectors is a constant. */
  @inline
  static add(
    vectors: usize,
    colors: usize,
    step: usize,
    g: usize,
    pixels: usize,
    to: usize,
    stride: usize,
  ): void {
    let r0 = f32x4.splat(0);
    let r1 = r0,
      g0 = r0,
      g1 = r0,
      b0 = r0,
      b1 = r0;
    for (let end = g + pixels * stride; g < end; g += stride, colors += step) {
      const low = v128.load(g);
      const high = vectors > 1 ? v128.load(g, 16) : low;
      const red = v128.load32_splat(colors),
        green = v128.load32_splat(colors, 4),
        blue = v128.load32_splat(colors, 8);
      r0 = Tap.plus(r0, red, low);
      g0 = Tap.plus(g0, green, low);
      b0 = Tap.plus(b0, blue, low);
      if (vectors > 1) {
        r1 = Tap.plus(r1, red, high);
        g1 = Tap.plus(g1, green, high);
        b1 = Tap.plus(b1, blue, high);
      }
    }
    Tap.put(to, r0);
    Tap.put(to + stride, g0);
    Tap.put(to + 2 * stride, b0);
    if (vectors < 2) return;
    Tap.put(to + 16, r1);
    Tap.put(to + stride + 16, g1);
    Tap.put(to + 2 * stride + 16, b1);
  }
}
