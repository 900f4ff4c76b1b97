/**
 * exp, log, sin and cos from additions, multiplications and divisions alone: the same bits on every engine and
 * release, where Math.exp and friends may change. Argument reductions and polynomials are those of Sun's fdlibm;
 * accurate to about one unit in the last place over the ranges that draws use.
 */
const LN2_HIGH = 6.931471803691238e-1;
const LN2_LOW = 1.9082149292705877e-10;

const bits = new DataView(new ArrayBuffer(8));

/** e^x. */
export function portableExp(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019411) return 0;
  const k = Math.floor(Math.LOG2E * x + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (1.6666666666666602e-1 +
        t *
          (-2.7777777777015593e-3 +
            t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  // two steps, so that neither factor leaves the range of a double
  const half = Math.trunc(k / 2);
  return y * powerOfTwo(half) * powerOfTwo(k - half);
}

/** Natural logarithm. */
export function portableLog(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;
  let scaled = x;
  let k = 0;
  if (x < 2 ** -1022) {
    scaled = x * 2 ** 54;
    k = -54;
  }
  bits.setFloat64(0, scaled);
  const word = bits.getUint32(0);
  k += (word >>> 20) - 1023;
  bits.setUint32(0, (word & 0xfffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    k++;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (3.999999999940942e-1 + w * (2.2222198432149784e-1 + w * 1.5313837699209373e-1));
  const odd =
    z *
    (6.666666666666735e-1 +
      w * (2.857142874366239e-1 + w * (1.818357216161805e-1 + w * 1.4798198605116586e-1)));
  const halfSquare = 0.5 * f * f;
  return k * LN2_HIGH - (halfSquare - (s * (halfSquare + even + odd) + k * LN2_LOW) - f);
}

/** Sine of an angle in radians, |x| < 2^20. */
export function portableSin(x: number): number {
  const [r, low, quadrant] = reduceAngle(x);
  if (quadrant === 0) return sinPolynomial(r, low);
  if (quadrant === 1) return cosPolynomial(r, low);
  return quadrant === 2 ? -sinPolynomial(r, low) : -cosPolynomial(r, low);
}

/** Cosine of an angle in radians, |x| < 2^20. */
export function portableCos(x: number): number {
  const [r, low, quadrant] = reduceAngle(x);
  if (quadrant === 0) return cosPolynomial(r, low);
  if (quadrant === 1) return -sinPolynomial(r, low);
  return quadrant === 2 ? -cosPolynomial(r, low) : sinPolynomial(r, low);
}

/** x minus the nearest multiple of pi/2, as (value, correction), and that multiple modulo 4. */
function reduceAngle(x: number): [r: number, low: number, quadrant: number] {
  const n = Math.floor(x * 6.366197723675814e-1 + 0.5);
  // pi/2 in three parts of 33 bits, so that each product with n is exact
  const a = x - n * 1.5707963267341256;
  const b = n * 6.077100506303966e-11;
  const c = a - b;
  const w = n * 2.0222662487959506e-21 - (a - c - b);
  const r = c - w;
  return [r, c - r - w, ((n % 4) + 4) % 4];
}

function sinPolynomial(x: number, low: number): number {
  const z = x * x;
  const v = z * x;
  const p =
    8.33333333332249e-3 +
    z *
      (-1.984126982985795e-4 +
        z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  return x - (z * (0.5 * low - v * p) - low - v * -1.6666666666666632e-1);
}

function cosPolynomial(x: number, low: number): number {
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
  const w = 1 - half;
  return w + (1 - w - half + (z * p - x * low));
}

function powerOfTwo(k: number): number {
  if (k < -1022) return powerOfTwo(k + 100) * 2 ** -100;
  bits.setUint32(0, (k + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}
