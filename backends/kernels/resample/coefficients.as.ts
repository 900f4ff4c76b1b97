// The coefficients of Pillow's 8-bit resampling in the form in which the passes (passes.as.ts) read them. The float64
// expressions are those of coefficients.ts, operation by operation, so that the coefficients are the same bits.
//
// An axis in memory: one entry an output position (first tap and number of taps, two i32), then its coefficients,
// 32 bytes a pair of taps. i32x4.dot_i16x8_s multiplies 16-bit numbers and a coefficient has 24 bits: it is split into
// high * 2^11 + low, and the two sums of products are joined at the end, exactly. A pair is stored as four times
// (high, high'), then four times (low, low'), for four channels of a pixel or four bytes of a row.

export const LOW_BITS = 11;
export const ENTRY_BYTES: usize = 8;
export const PAIR_BYTES: usize = 32;

export function coefficientsOf(axis: usize, length: i32): usize {
  return axis + ((<usize>length * ENTRY_BYTES + 15) & ~15);
}

export function axisBytes(length: i32, pairs: i32): usize {
  return coefficientsOf(0, length) + <usize>(length * pairs) * PAIR_BYTES;
}

/** Writes the entries of an axis; returns how many pairs of taps the widest has. */
export function boundAxis(
  axis: usize,
  inputSize: i32,
  gridSize: i32,
  filter: i32,
  from: i32,
  length: i32,
  mirror: i32,
): i32 {
  const scale = <f64>inputSize / <f64>gridSize;
  const support = (filter == 0 ? 1.0 : 2.0) * max(1.0, scale);
  let widest = 0;
  for (let i = 0; i < length; i++) {
    const position = from + (mirror ? length - 1 - i : i);
    const center = (<f64>position + 0.5) * scale;
    const start = max(0, <i32>(center - support + 0.5));
    const count = min(inputSize, <i32>(center + support + 0.5)) - start;
    store<i32>(axis + <usize>i * ENTRY_BYTES, start);
    store<i32>(axis + <usize>i * ENTRY_BYTES, count, 4);
    widest = max(widest, count);
  }
  return (widest + 1) >> 1;
}

/**
 * Writes the coefficients of an axis. Every position gets `pairs` pairs, filled up with zeros: behind the taps, or
 * before them where they would reach past the input.
 */
export function fillAxis(
  axis: usize,
  pairs: i32,
  weights: usize,
  inputSize: i32,
  gridSize: i32,
  filter: i32,
  from: i32,
  length: i32,
  mirror: i32,
): void {
  const scale = <f64>inputSize / <f64>gridSize;
  const inverseFilterScale = 1.0 / max(1.0, scale);
  const latestStart = max(0, inputSize - 2 * pairs);
  let coefficient = coefficientsOf(axis, length);
  for (let i = 0; i < length; i++) {
    const entry = axis + <usize>i * ENTRY_BYTES;
    const start = load<i32>(entry);
    const count = load<i32>(entry, 4);
    const shifted = min(start, latestStart);
    const center = (<f64>(from + (mirror ? length - 1 - i : i)) + 0.5) * scale;
    memory.fill(weights, 0, <usize>pairs * 16);
    const taps = weights + <usize>(start - shifted) * 8;
    let sum = 0.0;
    for (let x = 0; x < count; x++) {
      const distance = Math.abs((<f64>(start + x) - center + 0.5) * inverseFilterScale);
      const weight = filter == 0 ? max(0.0, 1.0 - distance) : cubicWeight(distance);
      store<f64>(taps + <usize>x * 8, weight);
      sum += weight;
    }
    for (let p = 0; p < pairs; p++) {
      storePair(
        coefficient,
        toFixed(load<f64>(weights + <usize>p * 16) / sum),
        toFixed(load<f64>(weights + <usize>p * 16, 8) / sum),
      );
      coefficient += PAIR_BYTES;
    }
    store<i32>(entry, shifted);
    store<i32>(entry, count + start - shifted, 4);
  }
}

/** Keys' cubic convolution with a = -0.5, for x >= 0. */
function cubicWeight(x: f64): f64 {
  if (x < 1.0) return (1.5 * x - 2.5) * x * x + 1.0;
  return x < 2.0 ? (((x - 5.0) * x + 8.0) * x - 4.0) * -0.5 : 0.0;
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
