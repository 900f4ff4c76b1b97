// Elementwise maps over f32 in tfjs's heap. Matrices are [rows, channels]; vectors of coefficients [channels].

/** out = x * scale + shift. */
export function scaleShift(
  x: usize,
  scale: usize,
  shift: usize,
  rows: usize,
  channels: usize,
  out: usize,
): void {
  for (let row: usize = 0; row < rows; row++) {
    const start = row * channels * 4;
    let c: usize = 0;
    for (; c + 4 <= channels; c += 4) {
      const offset = c * 4;
      const product = f32x4.mul(v128.load(x + start + offset), v128.load(scale + offset));
      v128.store(out + start + offset, f32x4.add(product, v128.load(shift + offset)));
    }
    for (; c < channels; c++) {
      const offset = c * 4;
      const value = load<f32>(x + start + offset) * load<f32>(scale + offset) + load<f32>(shift + offset);
      store<f32>(out + start + offset, value);
    }
  }
}

/** out = x * a + y * b + c. */
export function weightedSum(
  x: usize,
  y: usize,
  a: usize,
  b: usize,
  shift: usize,
  rows: usize,
  channels: usize,
  out: usize,
): void {
  for (let row: usize = 0; row < rows; row++) {
    const start = row * channels * 4;
    let c: usize = 0;
    for (; c + 4 <= channels; c += 4) {
      const offset = c * 4;
      const first = f32x4.mul(v128.load(x + start + offset), v128.load(a + offset));
      const second = f32x4.mul(v128.load(y + start + offset), v128.load(b + offset));
      v128.store(out + start + offset, f32x4.add(f32x4.add(first, second), v128.load(shift + offset)));
    }
    for (; c < channels; c++) {
      const offset = c * 4;
      const first = load<f32>(x + start + offset) * load<f32>(a + offset);
      const second = load<f32>(y + start + offset) * load<f32>(b + offset);
      store<f32>(out + start + offset, first + second + load<f32>(shift + offset));
    }
  }
}

/** Each of `groups` rows of x, times a factor, to `rows` rows: x is [groups, channels], out [groups, rows, channels]. */
export function spread(x: usize, groups: usize, rows: usize, channels: usize, factor: f32, out: usize): void {
  const bytes = channels * 4;
  for (let group: usize = 0; group < groups; group++) {
    const first = out + group * rows * bytes;
    for (let i: usize = 0; i < bytes; i += 4)
      store<f32>(first + i, load<f32>(x + group * bytes + i) * factor);
    for (let row: usize = 1; row < rows; row++) memory.copy(first + row * bytes, first, bytes);
  }
}

/** out = x / (1 + exp(-x)). */
export function silu(x: usize, count: usize, out: usize): void {
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const value = v128.load(x + i * 4);
    v128.store(out + i * 4, f32x4.mul(value, sigmoid(value)));
  }
  for (; i < count; i++) {
    const value = load<f32>(x + i * 4);
    store<f32>(out + i * 4, value * f32x4.extract_lane(sigmoid(f32x4.splat(value)), 0));
  }
}

/** out = dy * s * (1 + x * (1 - s)), s = sigmoid(x). */
export function siluGradient(x: usize, dy: usize, count: usize, out: usize): void {
  const one = f32x4.splat(1);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const value = v128.load(x + i * 4);
    const s = sigmoid(value);
    const slope = f32x4.mul(s, f32x4.add(one, f32x4.mul(value, f32x4.sub(one, s))));
    v128.store(out + i * 4, f32x4.mul(v128.load(dy + i * 4), slope));
  }
  for (; i < count; i++) {
    const value = load<f32>(x + i * 4);
    const s = f32x4.extract_lane(sigmoid(f32x4.splat(value)), 0);
    store<f32>(out + i * 4, load<f32>(dy + i * 4) * s * (1 + value * (1 - s)));
  }
}

/**
 * 1 / (1 + e^-x), -x held to +-87: -x = n ln 2 + r, a polynomial of e^r (Cephes expf), and n added to the exponent.
 */
function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  const negative = f32x4.pmax(f32x4.pmin(f32x4.neg(x), f32x4.splat(87)), f32x4.splat(-87));
  // at 1.5 * 2^23 a float32 has no fraction: the sum's last bits are n + 127, n rounded
  const rounded = f32x4.add(f32x4.mul(negative, f32x4.splat(1.44269504088896341)), f32x4.splat(12583039));
  const n = f32x4.sub(rounded, f32x4.splat(12583039));
  let r = f32x4.sub(negative, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.1219444e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), one);
  const exp = f32x4.mul(p, i32x4.shl(rounded, 23));
  return f32x4.div(one, f32x4.add(one, exp));
}
