import { supportOf, weightAt } from './filters.as';

// The coefficients of Pillow's 8-bit resampling in the form in which the passes (passes.as.ts) read them. The float64
// expressions are those of coefficients.ts, operation by operation, so that the coefficients are the same bits.
//
// An axis in memory: its length and how many pairs of taps a position has (two i32, in 16 bytes), an entry for each output
// position (first tap and number of taps, two i32), then its coefficients, 32 bytes per pair of taps.
// i32x4.dot_i16x8_s multiplies 16-bit numbers and a coefficient has 24 bits: it is split into high * 2^11 + low, and the
// two sums of products are joined at the end, exactly. A pair is stored as four times (high, high'), then four times
// (low, low'), for four channels of a pixel or four bytes of a row.

export const LOW_BITS = 11;
export const PAIR_BYTES: usize = 32;
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
    memory.fill(weights, 0, <usize>pairs * 16);
    const taps = weights + <usize>(start - shifted) * 8;
    let sum = 0.0;
    for (let x = 0; x < count; x++) {
      const weight = weightAt(filter, (<f64>(start + x) - center + 0.5) * inverseFilterScale);
      store<f64>(taps + <usize>x * 8, weight);
      sum += weight;
    }
    // box: rounding may leave no weight at all, and Pillow black
    if (sum == 0.0) sum = 1.0;
    for (let p = 0; p < pairs; p++) {
      storePair(
        coefficient,
        toFixed(load<f64>(weights + <usize>p * 16) / sum),
        toFixed(load<f64>(weights + <usize>p * 16, 8) / sum),
      );
      coefficient += PAIR_BYTES;
    }
    setEntry(axis, i, shifted, count + start - shifted);
  }
}

function setEntry(axis: usize, position: i32, firstTap: i32, taps: i32): void {
  store<i32>(axis + <usize>position * ENTRY_BYTES, firstTap, HEADER_BYTES);
  store<i32>(axis + <usize>position * ENTRY_BYTES, taps, HEADER_BYTES + 4);
}

/** Nearest fixed-point number, halves away from zero. */
function toFixed(coefficient: f64): i32 {
  const scaled = coefficient * 4194304.0;
  return <i32>(scaled < 0.0 ? scaled - 0.5 : scaled + 0.5);
}

function storePair(address: usize, a: i32, b: i32): void {
  const low = (1 << LOW_BITS) - 1;
  v128.store(address, i32x4.splat(((a >> LOW_BITS) & 0xffff) | ((b >> LOW_BITS) << 16)));
  v128.store(address, i32x4.splat((a & low) | ((b & low) << 16)), 16);
}
