import { scaleShift, weightedSum } from './elementwise.as';
import { centredSums, moments } from './reductions.as';

/**
 * out = (x - mean) / sqrt(variance + epsilon) * gamma + beta with the batch's own mean and biased variance, which are
 * written too. x [rows, channels]; vectors [channels]; scratch [2, channels].
 */
export function batchNorm(
  x: usize,
  gamma: usize,
  beta: usize,
  epsilon: f32,
  rows: usize,
  channels: usize,
  scratch: usize,
  mean: usize,
  variance: usize,
  out: usize,
): void {
  moments(x, rows, channels, mean, variance);
  const shift = scratch + channels * 4;
  for (let c: usize = 0; c < channels * 4; c += 4) {
    const scale = load<f32>(gamma + c) / sqrt<f32>(load<f32>(variance + c) + epsilon);
    store<f32>(scratch + c, scale);
    store<f32>(shift + c, load<f32>(beta + c) - load<f32>(mean + c) * scale);
  }
  scaleShift(x, scratch, shift, rows, channels, out);
}

/**
 * Gradients of batchNorm: with xHat = (x - mean) * r, r = 1 / sqrt(variance + epsilon),
 * dBeta = sum dy, dGamma = sum dy * xHat, dx = gamma * r * (dy - dBeta / rows - xHat * dGamma / rows).
 * scratch [3, channels].
 */
export function batchNormGradient(
  dy: usize,
  x: usize,
  gamma: usize,
  mean: usize,
  variance: usize,
  epsilon: f32,
  rows: usize,
  channels: usize,
  scratch: usize,
  dx: usize,
  dGamma: usize,
  dBeta: usize,
): void {
  centredSums(dy, x, mean, rows, channels, dBeta, dGamma);
  const bytes = channels * 4;
  const ofX = scratch + bytes;
  const shift = scratch + 2 * bytes;
  const inverseRows: f32 = 1 / <f32>rows;
  for (let c: usize = 0; c < bytes; c += 4) {
    const r: f32 = 1 / sqrt<f32>(load<f32>(variance + c) + epsilon);
    const gammaGradient = load<f32>(dGamma + c) * r;
    store<f32>(dGamma + c, gammaGradient);
    const ofDy = load<f32>(gamma + c) * r;
    const slope = -ofDy * r * gammaGradient * inverseRows;
    store<f32>(scratch + c, ofDy);
    store<f32>(ofX + c, slope);
    store<f32>(shift + c, -ofDy * load<f32>(dBeta + c) * inverseRows - slope * load<f32>(mean + c));
  }
  weightedSum(dy, x, scratch, ofX, shift, rows, channels, dx);
}
