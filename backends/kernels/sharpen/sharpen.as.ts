import { blend4 } from '../blend.as';

/** Sixteen bytes a step: channels need no telling apart, since the neighbours of a byte lie three bytes away. */
export function sharpen(source: usize, target: usize, width: i32, height: i32, factor: f32): void {
  const bytesPerRow = width * 3;
  if (width < 3 || height < 3) {
    memory.copy(target, source, bytesPerRow * height);
    return;
  }
  const factors = f32x4.splat(factor);
  memory.copy(target, source, bytesPerRow);
  for (let y = 1; y < height - 1; y++) {
    const row = source + y * bytesPerRow;
    const output = target + y * bytesPerRow;
    for (let x = 3; x < bytesPerRow - 3; x += 16) {
      v128.store(output + x, sharpen16(row + x, bytesPerRow, factors));
    }
    copyPixel(output, row);
    copyPixel(output + bytesPerRow - 3, row + bytesPerRow - 3);
  }
  memory.copy(target + (height - 1) * bytesPerRow, source + (height - 1) * bytesPerRow, bytesPerRow);
}

function copyPixel(target: usize, source: usize): void {
  store<u16>(target, load<u16>(source));
  store<u8>(target + 2, load<u8>(source + 2));
}

function sharpen16(at: usize, bytesPerRow: i32, factors: v128): v128 {
  const low = sharpen8(at, bytesPerRow, factors);
  const high = sharpen8(at + 8, bytesPerRow, factors);
  return i8x16.narrow_i16x8_u(low, high);
}

function sharpen8(at: usize, bytesPerRow: i32, factors: v128): v128 {
  const centre = v128.load_ext<u8>(at);
  const neighbours = i16x8.add(
    i16x8.add(sum3(at - bytesPerRow), sum3(at + bytesPerRow)),
    i16x8.add(sum3(at), i16x8.shl(centre, 2)),
  );
  return i16x8.narrow_i32x4_s(
    sharpen4(i32x4.extend_low_i16x8_u(neighbours), i32x4.extend_low_i16x8_u(centre), factors),
    sharpen4(i32x4.extend_high_i16x8_u(neighbours), i32x4.extend_high_i16x8_u(centre), factors),
  );
}

/** Sums of a byte and the bytes of the pixels left and right of it, in u16 lanes. */
function sum3(at: usize): v128 {
  return i16x8.add(i16x8.add(v128.load_ext<u8>(at - 3), v128.load_ext<u8>(at)), v128.load_ext<u8>(at + 3));
}

/** (sum + 6) / 13 cut to an integer: with half a step added, float32 is far from the next quotient. */
function sharpen4(sum: v128, centre: v128, factors: v128): v128 {
  const quotient = f32x4.mul(
    f32x4.add(f32x4.convert_i32x4_s(sum), f32x4.splat(6.5)),
    f32x4.splat(<f32>(1.0 / 13.0)),
  );
  return blend4(f32x4.trunc(quotient), f32x4.convert_i32x4_s(centre), factors);
}
