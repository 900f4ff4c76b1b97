// Pillow's filters, as coefficients.ts has them. Sine and cosine are those of src/core/portable-math.ts, operation by operation,
// so that the weights are the same bits.

/** Pixels to each side of a position that a filter reaches, where nothing is reduced. */
export function supportOf(filter: i32): f64 {
  if (filter == 1) return 2.0;
  if (filter == 2) return 0.5;
  return filter == 4 ? 3.0 : 1.0;
}

/** The weight at a signed distance. */
export function weightAt(filter: i32, x: f64): f64 {
  if (filter == 0) return max(0.0, 1.0 - Math.abs(x));
  if (filter == 1) return cubicWeight(Math.abs(x));
  if (filter == 2) return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
  return filter == 3 ? hammingWeight(Math.abs(x)) : lanczosWeight(x);
}

/** Keys' cubic convolution with a = -0.5, for x >= 0. */
function cubicWeight(x: f64): f64 {
  if (x < 1.0) return (1.5 * x - 2.5) * x * x + 1.0;
  return x < 2.0 ? (((x - 5.0) * x + 8.0) * x - 4.0) * -0.5 : 0.0;
}

function hammingWeight(x: f64): f64 {
  if (x == 0.0) return 1.0;
  if (x >= 1.0) return 0.0;
  const angle = x * Math.PI;
  // in Pillow these two are float32
  return (sine(angle) / angle) * (<f64>(<f32>0.54) + <f64>(<f32>0.46) * cosine(angle));
}

function lanczosWeight(x: f64): f64 {
  return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0;
}

function sinc(x: f64): f64 {
  if (x == 0.0) return 1.0;
  const angle = x * Math.PI;
  return sine(angle) / angle;
}

function sine(x: f64): f64 {
  const n = quarterTurns(x);
  const r = remainder(x, n);
  const low = correction(x, n);
  const value = n & 1 ? cosPolynomial(r, low) : sinPolynomial(r, low);
  return n & 2 ? -value : value;
}

function cosine(x: f64): f64 {
  const n = quarterTurns(x);
  const r = remainder(x, n);
  const low = correction(x, n);
  const value = n & 1 ? sinPolynomial(r, low) : cosPolynomial(r, low);
  return (n + 1) & 2 ? -value : value;
}

function quarterTurns(x: f64): i32 {
  return <i32>Math.floor(x * 6.366197723675814e-1 + 0.5);
}

/** x - n pi/2, and what that leaves out. */
function remainder(x: f64, n: i32): f64 {
  const c = x - <f64>n * 1.5707963267341256 - <f64>n * 6.077100506303966e-11;
  return c - rest(x, n, c);
}

function correction(x: f64, n: i32): f64 {
  const c = x - <f64>n * 1.5707963267341256 - <f64>n * 6.077100506303966e-11;
  const w = rest(x, n, c);
  return c - (c - w) - w;
}

function rest(x: f64, n: i32, c: f64): f64 {
  const a = x - <f64>n * 1.5707963267341256;
  return <f64>n * 2.0222662487959506e-21 - (a - c - <f64>n * 6.077100506303966e-11);
}

function sinPolynomial(x: f64, low: f64): f64 {
  const z = x * x;
  const v = z * x;
  const p =
    8.33333333332249e-3 +
    z *
      (-1.984126982985795e-4 +
        z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  return x - (z * (0.5 * low - v * p) - low - v * -1.6666666666666632e-1);
}

function cosPolynomial(x: f64, low: f64): f64 {
  const z = x * x;
  const p =
    z *
    (4.16666666666666e-2 +
      z *
        (-1.388888888887411e-3 +
          z *
            (2.480158728947673e-5 +
              z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))));
  const half = 0.5 * z;
  const w = 1.0 - half;
  return w + (1.0 - w - half + (z * p - x * low));
}
