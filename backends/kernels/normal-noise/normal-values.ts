import { portableLog } from '../../../src/core/portable-math.ts';

/** Indices into `normalValues` have 16 bits. */
const VALUES = 65_536;

let values: Float64Array | undefined;

/**
 * Normal values for noise, ascending: value i has i + 1/2 of 65,536 of the standard normal distribution below it. So uniform
 * indices give normal noise: mean 0, variance 0.99998, at most 4.32. Made once a thread.
 */
export function normalValues(): Float64Array {
  values ??= makeValues();
  return values;
}

function makeValues(): Float64Array {
  const made = new Float64Array(VALUES);
  for (let i = 0; i < VALUES / 2; i++) {
    const value = inverseNormal((i + 0.5) / VALUES);
    made[i] = value;
    made[VALUES - 1 - i] = -value;
  }
  return made;
}

/** Coefficients of powers 0, 1, 2 ... of the numerator and the denominator. */
type Ratio = readonly [numerator: readonly number[], denominator: readonly number[]];

// biome-ignore format: two columns
const CENTRE: Ratio = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946,
    45921.95393154987, 67265.7709270087, 33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751,
    21213.794301586597, 39307.89580009271, 28729.085735721943, 5226.495278852854,
  ],
];
// biome-ignore format: two columns
const TAILS: Ratio = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045,
    1.2704582524523684, 0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851,
    0.14810397642748008, 0.015198666563616457, 0.0005475938084995345, 1.0507500716444169e-09,
  ],
];

/**
 * The value below which a share `p` of the standard normal distribution lies, for p of 2e-11..1/2. Wichura, "Algorithm AS 241:
 * the percentage points of the normal distribution", Applied Statistics 37, 1988: PPND16, accurate to about 1 in 10^16.
 */
export function inverseNormal(p: number): number {
  const q = p - 0.5;
  if (q >= -0.425) return q * ratioAt(CENTRE, 0.180625 - q * q);
  return -ratioAt(TAILS, Math.sqrt(-portableLog(p)) - 1.6);
}

const ratioAt = ([numerator, denominator]: Ratio, x: number): number =>
  polynomialAt(numerator, x) / polynomialAt(denominator, x);

const polynomialAt = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
