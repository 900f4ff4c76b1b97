// Sums over the rows of a [rows, channels] matrix of f32 in tfjs's heap. Rows are summed in f32 in chunks, and
// chunks in f64: the error does not grow with the number of rows.
const CHUNK: usize = 64;

/** Mean and biased variance of each channel, each [channels]. */
export function moments(x: usize, rows: usize, channels: usize, mean: usize, variance: usize): void {
  const stride = channels * 4;
  let c: usize = 0;
  for (; c + 4 <= channels; c += 4) {
    const column = x + c * 4;
    // deviations from the first row: no cancellation where the mean is large against the deviation
    const origin = v128.load(column);
    let sumLow = f64x2.splat(0),
      sumHigh = f64x2.splat(0);
    let squareLow = f64x2.splat(0),
      squareHigh = f64x2.splat(0);
    for (let row: usize = 0; row < rows; row += CHUNK) {
      const end = min(row + CHUNK, rows);
      let sum = f32x4.splat(0),
        square = f32x4.splat(0);
      for (let r = row; r < end; r++) {
        const d = f32x4.sub(v128.load(column + r * stride), origin);
        sum = f32x4.add(sum, d);
        square = f32x4.add(square, f32x4.mul(d, d));
      }
      sumLow = f64x2.add(sumLow, low(sum));
      sumHigh = f64x2.add(sumHigh, high(sum));
      squareLow = f64x2.add(squareLow, low(square));
      squareHigh = f64x2.add(squareHigh, high(square));
    }
    const inverse = f64x2.splat(1 / <f64>rows);
    const offsetLow = f64x2.mul(sumLow, inverse),
      offsetHigh = f64x2.mul(sumHigh, inverse);
    v128.store(mean + c * 4, f32x4.add(origin, join(offsetLow, offsetHigh)));
    const varianceLow = f64x2.sub(f64x2.mul(squareLow, inverse), f64x2.mul(offsetLow, offsetLow));
    const varianceHigh = f64x2.sub(f64x2.mul(squareHigh, inverse), f64x2.mul(offsetHigh, offsetHigh));
    v128.store(variance + c * 4, f32x4.max(join(varianceLow, varianceHigh), f32x4.splat(0)));
  }
  for (; c < channels; c++) {
    const origin = load<f32>(x + c * 4);
    let sum: f64 = 0,
      square: f64 = 0;
    for (let r: usize = 0; r < rows; r++) {
      const d = <f64>(load<f32>(x + r * stride + c * 4) - origin);
      sum += d;
      square += d * d;
    }
    const offset = sum / <f64>rows;
    store<f32>(mean + c * 4, <f32>(<f64>origin + offset));
    store<f32>(variance + c * 4, <f32>max(square / <f64>rows - offset * offset, 0));
  }
}

/** Per channel: sum of dy, and sum of dy * (x - mean). */
export function centredSums(
  dy: usize,
  x: usize,
  mean: usize,
  rows: usize,
  channels: usize,
  sumDy: usize,
  sumDyX: usize,
): void {
  const stride = channels * 4;
  let c: usize = 0;
  for (; c + 4 <= channels; c += 4) {
    const centre = v128.load(mean + c * 4);
    let dyLow = f64x2.splat(0),
      dyHigh = f64x2.splat(0);
    let productLow = f64x2.splat(0),
      productHigh = f64x2.splat(0);
    for (let row: usize = 0; row < rows; row += CHUNK) {
      const end = min(row + CHUNK, rows);
      let sum = f32x4.splat(0),
        product = f32x4.splat(0);
      for (let r = row; r < end; r++) {
        const offset = r * stride + c * 4;
        const d = v128.load(dy + offset);
        sum = f32x4.add(sum, d);
        product = f32x4.add(product, f32x4.mul(d, f32x4.sub(v128.load(x + offset), centre)));
      }
      dyLow = f64x2.add(dyLow, low(sum));
      dyHigh = f64x2.add(dyHigh, high(sum));
      productLow = f64x2.add(productLow, low(product));
      productHigh = f64x2.add(productHigh, high(product));
    }
    v128.store(sumDy + c * 4, join(dyLow, dyHigh));
    v128.store(sumDyX + c * 4, join(productLow, productHigh));
  }
  for (; c < channels; c++) {
    const centre = load<f32>(mean + c * 4);
    let sum: f64 = 0,
      product: f64 = 0;
    for (let r: usize = 0; r < rows; r++) {
      const offset = r * stride + c * 4;
      const d = load<f32>(dy + offset);
      sum += <f64>d;
      product += <f64>(d * (load<f32>(x + offset) - centre));
    }
    store<f32>(sumDy + c * 4, <f32>sum);
    store<f32>(sumDyX + c * 4, <f32>product);
  }
}

/** For each of `groups` matrices, the sum over its rows: out is [groups, channels]. */
export function groupSums(x: usize, groups: usize, rows: usize, channels: usize, out: usize): void {
  const stride = channels * 4;
  for (let group: usize = 0; group < groups; group++) {
    const start = x + group * rows * stride;
    const target = out + group * stride;
    let c: usize = 0;
    for (; c + 4 <= channels; c += 4) {
      let sum = f32x4.splat(0);
      for (let r: usize = 0; r < rows; r++) sum = f32x4.add(sum, v128.load(start + r * stride + c * 4));
      v128.store(target + c * 4, sum);
    }
    for (; c < channels; c++) {
      let sum: f32 = 0;
      for (let r: usize = 0; r < rows; r++) sum += load<f32>(start + r * stride + c * 4);
      store<f32>(target + c * 4, sum);
    }
  }
}

/** For each of `groups` pairs of matrices, the sum over rows of x * y: out is [groups, channels]. */
export function groupProductSums(
  x: usize,
  y: usize,
  groups: usize,
  rows: usize,
  channels: usize,
  out: usize,
): void {
  const stride = channels * 4;
  for (let group: usize = 0; group < groups; group++) {
    const start = group * rows * stride;
    const target = out + group * stride;
    let c: usize = 0;
    for (; c + 4 <= channels; c += 4) {
      let sum = f32x4.splat(0);
      for (let r: usize = 0; r < rows; r++) {
        const offset = start + r * stride + c * 4;
        sum = f32x4.add(sum, f32x4.mul(v128.load(x + offset), v128.load(y + offset)));
      }
      v128.store(target + c * 4, sum);
    }
    for (; c < channels; c++) {
      let sum: f32 = 0;
      for (let r: usize = 0; r < rows; r++) {
        const offset = start + r * stride + c * 4;
        sum += load<f32>(x + offset) * load<f32>(y + offset);
      }
      store<f32>(target + c * 4, sum);
    }
  }
}

function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 0, 1));
}

function join(lowHalf: v128, highHalf: v128): v128 {
  const a = f32x4.demote_f64x2_zero(lowHalf);
  const b = f32x4.demote_f64x2_zero(highHalf);
  return v128.shuffle<f32>(a, b, 0, 1, 4, 5);
}
