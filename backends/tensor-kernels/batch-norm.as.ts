import { Pair } from './channel-pairs.as';

// Rows of the vectors: `channelVectors` in lazy.ts.
const SCALE: usize = 0;
const SHIFT: usize = 1;
const MEAN: usize = 2;
const DEVIATION: usize = 3;
const SLOPE: usize = 4;
const BEND: usize = 5;
const OFFSET: usize = 6;

/** The vectors of the output of two channels, `c` bytes from the first, by the mean and the variance of their input. */
export function putNormalization(
  scale: usize,
  shift: usize,
  vectors: usize,
  stride: usize,
  c: usize,
  epsilon: f64,
  mean: v128,
  variance: v128,
): void {
  const one = f64x2.splat(1);
  const deviation = f64x2.div(one, f64x2.sqrt(f64x2.add(variance, f64x2.splat(epsilon))));
  const slope = f64x2.mul(Pair.load(scale + c), deviation);
  Pair.store(vectors + SCALE * stride + c, slope);
  Pair.store(vectors + SHIFT * stride + c, f64x2.sub(Pair.load(shift + c), f64x2.mul(slope, mean)));
  Pair.store(vectors + MEAN * stride + c, mean);
  Pair.store(vectors + DEVIATION * stride + c, deviation);
}

/** The gradients of two channels, by the sums over rows of g and of g xhat: see batch-norm.ts. */
export function putGradients(
  scale: usize,
  vectors: usize,
  scaleGradient: usize,
  shiftGradient: usize,
  stride: usize,
  c: usize,
  rows: usize,
  sum: v128,
  sumOfProducts: v128,
): void {
  const inverse = f64x2.splat(-1 / <f64>rows);
  const deviation = Pair.load(vectors + DEVIATION * stride + c);
  const slope = f64x2.mul(Pair.load(scale + c), deviation);
  const part = f64x2.mul(slope, inverse);
  const bend = f64x2.mul(f64x2.mul(part, deviation), sumOfProducts);
  const ofMean = f64x2.mul(bend, Pair.load(vectors + MEAN * stride + c));
  Pair.store(vectors + SLOPE * stride + c, slope);
  Pair.store(vectors + BEND * stride + c, bend);
  Pair.store(vectors + OFFSET * stride + c, f64x2.sub(f64x2.mul(part, sum), ofMean));
  Pair.store(scaleGradient + c, f64x2.add(Pair.load(scaleGradient + c), sumOfProducts));
  Pair.store(shiftGradient + c, f64x2.add(Pair.load(shiftGradient + c), sum));
}
