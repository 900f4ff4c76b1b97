import { supportOf, weightAt } from './filters.as';

// The coefficients of Pillow's 8-bit resampling in the form in which the passes (passes.as.ts) read them. The float64
// expressions are those of coefficients.ts, operation by operation, so that the coefficients are the same bits.
//
// An axis in memory: its length and how many pairs of taps a position has (two i32, in 16 bytes), an entry for each output
// position (first tap and number of taps, two i32), then its coefficients, 32 bytes per pair of taps.
// i32x4.dot_i16x8_s multiplies 16-bit numbers and a coefficient has 24 bits: it is split into high * 2^15 + low, truncated
// towards zero, and the two sums of products are joined at the end, exactly (sums.as.ts). A pair is stored as four times
// (high, high'), then four times (low, low'), for four channels of a pixel or four bytes of a row.

export const LOW_BITS = 15;
export const PAIR_BYTES: usize = 32;
/** From the high parts of a pair's coefficients to the low ones. */
export const LOW_PARTS: usize = 16;
const HEADER_BYTES: usize = 16;
const ENTRY_BYTES: usize = 8;

export function lengthOf(axis: usize): i32 {
  return load<i32>(axis);
}

export function pairsOf(axis: usize): i32 {
  return load<i32>(axis, 4);
}

export function firstTapOf(axis: usize, position: i32): i32 {
  return load<i32>(axis + <usize>position * ENTRY_BYTES, HEADER_BYTES);
}

export function tapCountOf(axis: usize, position: i32): i32 {
  return load<i32>(axis + <usize>position * ENTRY_BYTES, HEADER_BYTES + 4);
}

export function coefficientsOf(axis: usize, position: i32): usize {
  const entryBytes = (<usize>lengthOf(axis) * ENTRY_BYTES + 15) & ~15;
  return axis + HEADER_BYTES + entryBytes + <usize>(position * pairsOf(axis)) * PAIR_BYTES;
}

/** Writes an axis; returns where it ends. Behind that, room for the weights of one position is written over. */
export function writeAxis(
  axis: usize,
  inputSize: i32,
  gridSize: i32,
  filter: i32,
  from: i32,
  length: i32,
  mirror: i32,
): usize {
  const pairs = boundTaps(axis, inputSize, gridSize, filter, from, length, mirror);
  store<i32>(axis, length);
  store<i32>(axis, pairs, 4);
  const end = coefficientsOf(axis, length);
  fillCoefficients(axis, end, inputSize, gridSize, filter, from, mirror);
  return end;
}

/** Writes the entries of an axis; returns how many pairs of taps the widest has. */
function boundTaps(
  axis: usize,
  inputSize: i32,
  gridSize: i32,
  filter: i32,
  from: i32,
  length: i32,
  mirror: i32,
): i32 {
  const scale = <f64>inputSize / <f64>gridSize;
  const support = supportOf(filter) * max(1.0, scale);
  let widest = 0;
  for (let i = 0; i < length; i++) {
    const position = from + (mirror ? length - 1 - i : i);
    const center = (<f64>position + 0.5) * scale;
    const start = max(0, <i32>(center - support + 0.5));
    const count = min(inputSize, <i32>(center + support + 0.5)) - start;
    setEntry(axis, i, start, count);
    widest = max(widest, count);
  }
  return (widest + 1) >> 1;
}

/**
 * Writes the coefficients of an axis. Every position gets as many pairs, filled up with zeros: behind the taps, or
 * before them where they would reach past the input.
 */
function fillCoefficients(
  axis: usize,
  weights: usize,
  inputSize: i32,
  gridSize: i32,
  filter: i32,
  from: i32,
  mirror: i32,
): void {
  const length = lengthOf(axis);
  const pairs = pairsOf(axis);
  const scale = <f64>inputSize / <f64>gridSize;
  const inverseFilterScale = 1.0 / max(1.0, scale);
  const latestStart = max(0, inputSize - 2 * pairs);
  let coefficient = coefficientsOf(axis, 0);
  for (let i = 0; i < length; i++) {
    const start = firstTapOf(axis, i);
    const count = tapCountOf(axis, i);
    const shifted = min(start, latestStart);
    const center = (<f64>(from + (mirror ? length - 1 - i : i)) + 0.5) * scale;
    clear(weights, pairs);
    const taps = weights + <usize>(start - shifted) * 8;
    let sum = 0.0;
    for (let x = 0; x < count; x++) {
      const weight = weightAt(filter, (<f64>(start + x) - center + 0.5) * inverseFilterScale);
      store<f64>(taps + <usize>x * 8, weight);
      sum += weight;
    }
    // box: rounding may leave no weight at all, and Pillow black
    if (sum == 0.0) sum = 1.0;
    const sums = f64x2.splat(sum);
    for (let p = 0; p < pairs; p++) {
      storePair(coefficient, toFixed(f64x2.div(twoWeights(weights + <usize>p * 16), sums)));
      coefficient += PAIR_BYTES;
    }
    setEntry(axis, i, shifted, count + start - shifted);
  }
}

function setEntry(axis: usize, position: i32, firstTap: i32, taps: i32): void {
  store<i32>(axis + <usize>position * ENTRY_BYTES, firstTap, HEADER_BYTES);
  store<i32>(axis + <usize>position * ENTRY_BYTES, taps, HEADER_BYTES + 4);
}

/** Room for the weights of so many pairs, with zeros by stores: memory.fill is a call out of WASM. */
function clear(weights: usize, pairs: i32): void {
  for (let p = 0; p < pairs; p++) v128.store(weights + <usize>p * 16, i64x2.splat(0));
}

/** Two weights by two loads: one load of what two stores have just written would have to wait for both. */
function twoWeights(at: usize): v128 {
  return v128.load_lane<u64>(at + 8, v128.load64_zero(at), 1);
}

/** Nearest fixed-point numbers, halves away from zero, of two coefficients. */
function toFixed(coefficients: v128): v128 {
  const scaled = f64x2.mul(coefficients, f64x2.splat(4194304.0));
  const sign = v128.and(scaled, f64x2.splat(-0.0));
  return i32x4.trunc_sat_f64x2_s_zero(f64x2.add(scaled, v128.or(sign, f64x2.splat(0.5))));
}

/** The pair in lanes 0 and 1, split. */
function storePair(address: usize, pair: v128): void {
  // a shift rounds down: a negative number is raised first, so that it is truncated towards zero
  const raised = i32x4.add(pair, i32x4.shr_u(i32x4.shr_s(pair, 31), 32 - LOW_BITS));
  const high = i32x4.shr_s(raised, LOW_BITS);
  v128.store(address, fourTimes(high));
  v128.store(address, fourTimes(i32x4.sub(pair, i32x4.shl(high, LOW_BITS))), LOW_PARTS);
}

/** The 16-bit numbers in lanes 0 and 1, four times. */
function fourTimes(pair: v128): v128 {
  return v128.swizzle(pair, i8x16(0, 1, 4, 5, 0, 1, 4, 5, 0, 1, 4, 5, 0, 1, 4, 5));
}
