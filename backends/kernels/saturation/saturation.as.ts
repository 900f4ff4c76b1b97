import { blend4 } from '../blend.as';
import { blue4, green4, luma4, red4 } from '../luma.as';

/** Four pixels a step, as planes; writes up to 13 bytes beyond the last pixel. */
export function saturation(source: usize, target: usize, width: i32, height: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  const end = source + width * height * 3;
  for (let from = source, to = target; from < end; from += 12, to += 12) {
    const bytes = v128.load(from);
    const r = red4(bytes);
    const g = green4(bytes);
    const b = blue4(bytes);
    const grey = f32x4.convert_i32x4_u(luma4(r, g, b));
    const newR = blend4(grey, f32x4.convert_i32x4_s(r), factors);
    const newG = blend4(grey, f32x4.convert_i32x4_s(g), factors);
    const newB = blend4(grey, f32x4.convert_i32x4_s(b), factors);
    // narrowing clamps; then R0..R3 G0..G3 B0..B3 becomes pixels again
    const planes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(newR, newG), i16x8.narrow_i32x4_s(newB, newB));
    v128.store(to, i8x16.swizzle(planes, i8x16(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, -1, -1, -1, -1)));
  }
}
