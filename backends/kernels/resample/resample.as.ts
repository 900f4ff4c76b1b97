// Pillow's 8-bit resampling (see resample.ts), with SIMD. The float64 expressions are those of coefficients.ts,
// operation by operation, so that the coefficients are the same bits.
//
// An axis in memory: one entry an output position (first tap and number of taps, two i32), then its coefficients,
// 32 bytes a pair of taps. i32x4.dot_i16x8_s multiplies 16-bit numbers and a coefficient has 24 bits: it is split into
// high * 2^11 + low, and the two sums of products are joined at the end, exactly. A pair is stored as four times
// (high, high'), then four times (low, low'), for four channels of a pixel or four bytes of a row.

const PRECISION_BITS = 22;
const LOW_BITS = 11;
const ENTRY_BYTES: usize = 8;
const PAIR_BYTES: usize = 32;

export function resample(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  boxLeft: i32,
  boxTop: i32,
  boxWidth: i32,
  boxHeight: i32,
  gridWidth: i32,
  gridHeight: i32,
  windowLeft: i32,
  windowTop: i32,
  windowWidth: i32,
  windowHeight: i32,
  filter: i32,
  mirror: i32,
  scratch: usize,
): void {
  const stride = <usize>width * 3;
  const targetStride = <usize>windowWidth * 3;
  const box = source + <usize>boxTop * stride + <usize>boxLeft * 3;
  const changesColumns = boxWidth != gridWidth || mirror != 0;
  const changesRows = boxHeight != gridHeight;
  if (!changesColumns && !changesRows) {
    copyRows(
      box + <usize>windowTop * stride + <usize>windowLeft * 3,
      stride,
      target,
      targetStride,
      windowHeight,
    );
    return;
  }

  const columns = scratch;
  const columnPairs = boundAxis(columns, boxWidth, gridWidth, filter, windowLeft, windowWidth, mirror);
  const columnsEnd = columns + axisBytes(windowWidth, columnPairs);
  fillAxis(columns, columnPairs, columnsEnd, boxWidth, gridWidth, filter, windowLeft, windowWidth, mirror);
  if (!changesRows) {
    filterRows(
      box + <usize>windowTop * stride,
      stride,
      windowHeight,
      target,
      targetStride,
      columns,
      columnPairs,
      windowWidth,
    );
    return;
  }

  const rows = columnsEnd;
  const rowPairs = boundAxis(rows, boxHeight, gridHeight, filter, windowTop, windowHeight, 0);
  const between = rows + axisBytes(windowHeight, rowPairs);
  fillAxis(rows, rowPairs, between, boxHeight, gridHeight, filter, windowTop, windowHeight, 0);
  if (!changesColumns) {
    filterColumns(
      box + <usize>windowLeft * 3,
      stride,
      boxHeight,
      target,
      targetStride,
      rows,
      rowPairs,
      windowHeight,
    );
  } else if (boxHeight > gridHeight && boxHeight - gridHeight > 2 * (boxWidth - gridWidth)) {
    // vertical pass first: see verticalFirst in resample.ts
    const betweenStride = <usize>boxWidth * 3;
    filterColumns(box, stride, boxHeight, between, betweenStride, rows, rowPairs, windowHeight);
    filterRows(between, betweenStride, windowHeight, target, targetStride, columns, columnPairs, windowWidth);
  } else {
    // only the rows that taps reach
    const first = load<i32>(rows);
    const last = rows + <usize>(windowHeight - 1) * ENTRY_BYTES;
    const end = load<i32>(last) + load<i32>(last, 4);
    filterRows(
      box + <usize>first * stride,
      stride,
      end - first,
      between,
      targetStride,
      columns,
      columnPairs,
      windowWidth,
    );
    filterColumns(
      between - <usize>first * targetStride,
      targetStride,
      end,
      target,
      targetStride,
      rows,
      rowPairs,
      windowHeight,
    );
  }
}

function copyRows(source: usize, stride: usize, target: usize, targetStride: usize, rows: i32): void {
  for (let y = 0; y < rows; y++) {
    memory.copy(target + <usize>y * targetStride, source + <usize>y * stride, targetStride);
  }
}

function coefficientsOf(axis: usize, length: i32): usize {
  return axis + ((<usize>length * ENTRY_BYTES + 15) & ~15);
}

function axisBytes(length: i32, pairs: i32): usize {
  return coefficientsOf(0, length) + <usize>(length * pairs) * PAIR_BYTES;
}

/** Writes the entries of an axis; returns how many pairs of taps the widest has. */
function boundAxis(
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
function fillAxis(
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

/** The sums of products, rounded and clamped by the narrowing that follows. */
function join(high: v128, low: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.shl(high, LOW_BITS), low), PRECISION_BITS);
}

/** Channels of pixels 0 and 1 of 16 bytes as 16-bit numbers (R, R', G, G', B, B', 0, 0). */
function firstPair(bytes: v128): v128 {
  return v128.swizzle(bytes, i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
}

/** The same of pixels 2 and 3. */
function secondPair(bytes: v128): v128 {
  return v128.swizzle(bytes, i8x16(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
}

function addProducts(sum: v128, pixels: v128, coefficients: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(pixels, coefficients));
}

/** The horizontal filter, four rows at a time, which share each load of a coefficient. */
function filterRows(
  source: usize,
  stride: usize,
  rows: i32,
  target: usize,
  targetStride: usize,
  axis: usize,
  pairs: i32,
  length: i32,
): void {
  const half = i32x4.splat(1 << (PRECISION_BITS - 1));
  const zero = i32x4.splat(0);
  const coefficients = coefficientsOf(axis, length);
  for (let y = 0; y < rows; y += 4) {
    // past the last row the last one is done again
    const y1 = <usize>min(y + 1, rows - 1);
    const y2 = <usize>min(y + 2, rows - 1);
    const y3 = <usize>min(y + 3, rows - 1);
    let c = coefficients;
    for (let x = 0; x < length; x++) {
      const start = source + <usize>load<i32>(axis + <usize>x * ENTRY_BYTES) * 3;
      let s0 = start + <usize>y * stride;
      let s1 = start + y1 * stride;
      let s2 = start + y2 * stride;
      let s3 = start + y3 * stride;
      let h0 = zero,
        h1 = zero,
        h2 = zero,
        h3 = zero;
      let l0 = half,
        l1 = half,
        l2 = half,
        l3 = half;
      for (let p = pairs; p > 1; p -= 2) {
        const ha = v128.load(c),
          la = v128.load(c, 16),
          hb = v128.load(c, 32),
          lb = v128.load(c, 48);
        let bytes = v128.load(s0),
          a = firstPair(bytes),
          b = secondPair(bytes);
        h0 = addProducts(addProducts(h0, a, ha), b, hb);
        l0 = addProducts(addProducts(l0, a, la), b, lb);
        (bytes = v128.load(s1)), (a = firstPair(bytes)), (b = secondPair(bytes));
        h1 = addProducts(addProducts(h1, a, ha), b, hb);
        l1 = addProducts(addProducts(l1, a, la), b, lb);
        (bytes = v128.load(s2)), (a = firstPair(bytes)), (b = secondPair(bytes));
        h2 = addProducts(addProducts(h2, a, ha), b, hb);
        l2 = addProducts(addProducts(l2, a, la), b, lb);
        (bytes = v128.load(s3)), (a = firstPair(bytes)), (b = secondPair(bytes));
        h3 = addProducts(addProducts(h3, a, ha), b, hb);
        l3 = addProducts(addProducts(l3, a, la), b, lb);
        (s0 += 12), (s1 += 12), (s2 += 12), (s3 += 12);
        c += 2 * PAIR_BYTES;
      }
      if (pairs & 1) {
        const ha = v128.load(c),
          la = v128.load(c, 16);
        let a = firstPair(v128.load(s0));
        (h0 = addProducts(h0, a, ha)), (l0 = addProducts(l0, a, la));
        a = firstPair(v128.load(s1));
        (h1 = addProducts(h1, a, ha)), (l1 = addProducts(l1, a, la));
        a = firstPair(v128.load(s2));
        (h2 = addProducts(h2, a, ha)), (l2 = addProducts(l2, a, la));
        a = firstPair(v128.load(s3));
        (h3 = addProducts(h3, a, ha)), (l3 = addProducts(l3, a, la));
        c += PAIR_BYTES;
      }
      const pixels = i8x16.narrow_i16x8_u(
        i16x8.narrow_i32x4_s(join(h0, l0), join(h1, l1)),
        i16x8.narrow_i32x4_s(join(h2, l2), join(h3, l3)),
      );
      const t = target + <usize>x * 3;
      const t0 = t + <usize>y * targetStride,
        t1 = t + y1 * targetStride,
        t2 = t + y2 * targetStride,
        t3 = t + y3 * targetStride;
      if (x < length - 1) {
        // the fourth byte is written over by the next pixel
        v128.store_lane<i32>(t0, pixels, 0);
        v128.store_lane<i32>(t1, pixels, 1);
        v128.store_lane<i32>(t2, pixels, 2);
        v128.store_lane<i32>(t3, pixels, 3);
      } else {
        v128.store_lane<i16>(t0, pixels, 0), v128.store_lane<i8>(t0, pixels, 2, 2);
        v128.store_lane<i16>(t1, pixels, 2), v128.store_lane<i8>(t1, pixels, 6, 2);
        v128.store_lane<i16>(t2, pixels, 4), v128.store_lane<i8>(t2, pixels, 10, 2);
        v128.store_lane<i16>(t3, pixels, 6), v128.store_lane<i8>(t3, pixels, 14, 2);
      }
    }
  }
}

/** The vertical filter, 16 bytes of `rowBytes` (the target's stride) at a time. */
function filterColumns(
  source: usize,
  stride: usize,
  rows: i32,
  target: usize,
  rowBytes: usize,
  axis: usize,
  pairs: i32,
  length: i32,
): void {
  const half = i32x4.splat(1 << (PRECISION_BITS - 1));
  const zero = i32x4.splat(0);
  const coefficients = coefficientsOf(axis, length);
  const lastRow = source + <usize>(rows - 1) * stride;
  for (let y = 0; y < length; y++) {
    const entry = axis + <usize>y * ENTRY_BYTES;
    const start = source + <usize>load<i32>(entry) * stride;
    const used = (load<i32>(entry, 4) + 1) >> 1;
    const t = target + <usize>y * rowBytes;
    for (let x: usize = 0; x < rowBytes; x += 16) {
      let h0 = zero,
        h1 = zero,
        h2 = zero,
        h3 = zero;
      let l0 = half,
        l1 = half,
        l2 = half,
        l3 = half;
      let s = start;
      let c = coefficients + <usize>(y * pairs) * PAIR_BYTES;
      for (let p = 0; p < used; p++) {
        const a = v128.load(s + x);
        // the partner of a last odd tap has coefficient 0, but must not lie past the image
        const b = v128.load(min(s + stride, lastRow) + x);
        const high = v128.load(c),
          low = v128.load(c, 16);
        const ab = v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const cd = v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        const w0 = i16x8.extend_low_i8x16_u(ab),
          w1 = i16x8.extend_high_i8x16_u(ab);
        const w2 = i16x8.extend_low_i8x16_u(cd),
          w3 = i16x8.extend_high_i8x16_u(cd);
        (h0 = addProducts(h0, w0, high)), (l0 = addProducts(l0, w0, low));
        (h1 = addProducts(h1, w1, high)), (l1 = addProducts(l1, w1, low));
        (h2 = addProducts(h2, w2, high)), (l2 = addProducts(l2, w2, low));
        (h3 = addProducts(h3, w3, high)), (l3 = addProducts(l3, w3, low));
        s += 2 * stride;
        c += PAIR_BYTES;
      }
      v128.store(
        t + x,
        i8x16.narrow_i16x8_u(
          i16x8.narrow_i32x4_s(join(h0, l0), join(h1, l1)),
          i16x8.narrow_i32x4_s(join(h2, l2), join(h3, l3)),
        ),
      );
    }
  }
}
