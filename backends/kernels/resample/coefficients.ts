import { portableCos, portableSin } from '../../../src/core/portable-math.ts';

/**
 * Coefficients of Pillow's 8-bit resampler along one axis (`precompute_coeffs` and `normalize_coeffs_8bpc` in its
 * Resample.c): float64 in Pillow's order of operations, then fixed point with 22 fraction bits.
 */
export interface AxisCoefficients {
  /** First input position of each output position, and how many taps follow. */
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `stride` coefficients for each output position, of which `count` are used. */
  readonly taps: Int32Array;
  readonly stride: number;
}

export const PRECISION_BITS = 22;

interface Filter {
  readonly support: number;
  weight(x: number): number;
}

/** Indexed by the kernel's `filter` argument. filters.as.ts has them as well, operation by operation. */
const filters: readonly Filter[] = [
  // bilinear, bicubic, box, hamming, lanczos
  { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  { support: 2, weight: cubicWeight },
  { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  { support: 1, weight: hammingWeight },
  { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
];

/** Keys' cubic convolution with a = -0.5. */
function cubicWeight(signed: number): number {
  const x = Math.abs(signed);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

/** In Pillow these two are float32. */
const HAMMING_MEAN = Math.fround(0.54);
const HAMMING_SWING = Math.fround(0.46);

function hammingWeight(signed: number): number {
  const x = Math.abs(signed);
  if (x === 0) return 1;
  if (x >= 1) return 0;
  const angle = x * Math.PI;
  return (portableSin(angle) / angle) * (HAMMING_MEAN + HAMMING_SWING * portableCos(angle));
}

function sinc(x: number): number {
  if (x === 0) return 1;
  const angle = x * Math.PI;
  return portableSin(angle) / angle;
}

/** Largest number of taps for one output position: Pillow's `ksize`. */
export function tapStride(inputSize: number, outputSize: number, filter: number): number {
  return Math.ceil(supportOf(inputSize, outputSize, filter)) * 2 + 1;
}

/** Coefficients of output positions from `from` to `from + length` of an axis resized from `inputSize` to `outputSize`. */
export function axisCoefficients(
  inputSize: number,
  outputSize: number,
  filter: number,
  from: number,
  length: number,
): AxisCoefficients {
  const { weight } = filterAt(filter);
  const scale = inputSize / outputSize;
  const inverseFilterScale = 1 / Math.max(1, scale);
  const support = supportOf(inputSize, outputSize, filter);
  const stride = tapStride(inputSize, outputSize, filter);
  const first = new Int32Array(length);
  const count = new Int32Array(length);
  const taps = new Int32Array(length * stride);
  const weights = new Float64Array(stride);
  for (let i = 0; i < length; i++) {
    const center = (from + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(inputSize, Math.trunc(center + support + 0.5));
    let sum = 0;
    for (let x = start; x < end; x++) {
      const w = weight((x - center + 0.5) * inverseFilterScale);
      weights[x - start] = w;
      sum += w;
    }
    // box: rounding may leave no weight at all, and Pillow black
    if (sum === 0) sum = 1;
    for (let x = 0; x < end - start; x++) taps[i * stride + x] = toFixed((weights[x] as number) / sum);
    first[i] = start;
    count[i] = end - start;
  }
  return { first, count, taps, stride };
}

/** Nearest fixed-point number, halves away from zero. */
function toFixed(coefficient: number): number {
  const scaled = coefficient * 2 ** PRECISION_BITS;
  return Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

function supportOf(inputSize: number, outputSize: number, filter: number): number {
  return filterAt(filter).support * Math.max(1, inputSize / outputSize);
}

const filterAt = (filter: number): Filter => filters[filter] as Filter;
