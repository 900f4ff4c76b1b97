import { blue4, green4, red4 } from '../luma.as';

/** `huesBelow` of hues-below.ts: bit h of all. */
const huesBelow = memory.data<u8>(
  [
    0xfe, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x11, 0x11, 0x01, 0x00, 0x00, 0xaa,
    0xaa, 0x2a, 0x22, 0x22, 0x22, 0x23, 0x23, 0x22, 0x22, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00,
  ],
  16,
);

/** Four pixels a step, as planes; writes up to 13 bytes beyond the last pixel. */
export function hue(source: usize, target: usize, width: i32, height: i32, shift: u32): void {
  const shifts = i32x4.splat(shift);
  const end = source + width * height * 3;
  for (let from = source, to = target; from < end; from += 12, to += 12) {
    const bytes = v128.load(from);
    const r = red4(bytes);
    const g = green4(bytes);
    const b = blue4(bytes);
    const v = i32x4.max_u(i32x4.max_u(r, g), b);
    const range = i32x4.sub(v, i32x4.min_u(i32x4.min_u(r, g), b));
    const h = v128.and(i32x4.add(hueOf(r, g, b, v, range), shifts), i32x4.splat(255));
    const s = quotient(product(range, i32x4.splat(255)), atLeastOne(v));
    v128.store(to, pixelsOf(h, s, v));
  }
}

/** Factors below 2^15, of which one may have anything above its lower 16 bits. One instruction, unlike a product of 32 bits. */
function product(a: v128, b: v128): v128 {
  return i32x4.dot_i16x8_s(a, b);
}

/** 2^23 has a float32's whole numbers in its lower bits: a sum with it is rounded to the nearest, which stands in these. */
function nearest(value: v128): v128 {
  return f32x4.add(value, f32x4.splat(8_388_608));
}

/**
 * Rounded down, in the lower bits; the dividend is below 2^23. A quotient just below a whole number falls short of it by more than
 * float32 rounds by.
 */
function quotient(dividend: v128, divisor: v128): v128 {
  return nearest(f32x4.floor(f32x4.div(f32x4.convert_i32x4_s(dividend), f32x4.convert_i32x4_s(divisor))));
}

/** Of grey pixels range and hue are 0, and v may be: they are not divided by 0. */
function atLeastOne(a: v128): v128 {
  return i32x4.max_u(a, i32x4.splat(1));
}

function hueOf(r: v128, g: v128, b: v128, v: v128, range: v128): v128 {
  const position = product(sixthsOf(r, g, b, v, range), i32x4.splat(85));
  const divisor = i32x4.shl(atLeastOne(range), 1);
  const h = v128.and(quotient(position, divisor), i32x4.splat(255));
  const isExact = i32x4.eq(product(h, divisor), position);
  return i32x4.add(h, v128.and(isExact, areBelow(h)));
}

function sixthsOf(r: v128, g: v128, b: v128, v: v128, range: v128): v128 {
  const two = i32x4.shl(range, 1);
  const four = i32x4.shl(range, 2);
  const turn = v128.and(i32x4.add(two, four), i32x4.lt_s(g, b));
  const ofRed = i32x4.add(i32x4.sub(g, b), turn);
  const ofGreen = i32x4.add(i32x4.sub(b, r), two);
  const ofBlue = i32x4.add(i32x4.sub(r, g), four);
  return v128.bitselect(ofRed, v128.bitselect(ofGreen, ofBlue, i32x4.eq(g, v)), i32x4.eq(r, v));
}

/** -1 where the bit of a hue is set: a byte of 32 by its upper five bits, a bit of that by its lower three. */
function areBelow(h: v128): v128 {
  const place = i32x4.shr_u(h, 3);
  const front = i8x16.swizzle(v128.load(huesBelow), place);
  const back = i8x16.swizzle(v128.load(huesBelow, 16), i8x16.sub(place, i8x16.splat(16)));
  const powers = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
  // of each lane only the lowest byte counts: the others would be bit 0 of byte 0, which is 0
  const bit = i8x16.swizzle(powers, v128.and(h, i32x4.splat(7)));
  return i32x4.ne(v128.and(v128.or(front, back), bit), i32x4.splat(0));
}

function pixelsOf(h: v128, s: v128, v: v128): v128 {
  // h * 2 / 85, which 1543 / 65536 gives for all bytes
  const sixth = i32x4.shr_u(product(h, i32x4.splat(1543)), 16);
  const rest = i32x4.sub(i32x4.shl(h, 1), product(sixth, i32x4.splat(85)));
  const isOdd = i32x4.shr_s(i32x4.shl(sixth, 31), 31);
  const distance = v128.bitselect(rest, i32x4.sub(i32x4.splat(85), rest), isOdd);
  const middle = share(v, i32x4.sub(i32x4.splat(21_675), product(distance, s)), <f32>(1.0 / 21_675.0));
  const low = share(v, i32x4.sub(i32x4.splat(255), s), <f32>(1.0 / 255.0));
  // what is above the lower bits of either leaves the lane
  return arranged(sixth, v128.or(v, v128.or(i32x4.shl(middle, 8), i32x4.shl(low, 16))));
}

/**
 * v * part / whole, rounded, in the lower bits. Since `whole` is odd, the exact value is 1 / (2 whole) from a tie or more: 2.3e-5 where
 * it is 21,675, by whose reciprocal float32 errs by less than 8e-6; 2e-3 where it is 255, and float32 errs by less than 2.3e-5.
 */
function share(v: v128, part: v128, reciprocal: f32): v128 {
  return nearest(f32x4.mul(f32x4.convert_i32x4_s(product(v, part)), f32x4.splat(reciprocal)));
}

/** Packed pixels of channels v (0), middle (1) and low (2), in the order of each sixth of the turn: R | G << 2 | B << 4. */
function arranged(sixth: v128, channels: v128): v128 {
  const orders = i8x16(0x24, 0x21, 0x12, 0x06, 0x09, 0x18, 0x24, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  const order = i8x16.swizzle(orders, sixth);
  const red = v128.and(order, i32x4.splat(0x3));
  const green = v128.and(i32x4.shl(order, 6), i32x4.splat(0x300));
  const blue = v128.and(i32x4.shl(order, 12), i32x4.splat(0x30000));
  const lanes = i8x16(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12);
  const places = v128.or(v128.or(red, green), v128.or(blue, lanes));
  const pixels = i8x16.swizzle(channels, places);
  return i8x16.swizzle(pixels, i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
}
