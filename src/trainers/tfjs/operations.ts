import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';

/** Output of batch norm in training: x normalised, and the batch's mean and biased variance a channel. */
export interface Normalized {
  readonly y: Tensor4D;
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
}

export interface NormalizedGradients {
  readonly dx: Tensor4D;
  readonly dGamma: Tensor1D;
  readonly dBeta: Tensor1D;
}

export interface UpdateRule {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
}

export interface SgdRule extends UpdateRule {
  readonly nesterov: boolean;
}

export interface RmspropRule extends UpdateRule {
  readonly alpha: number;
  readonly epsilon: number;
}

/** A parameter after a step, and what the optimiser remembers of it. */
export interface Updated {
  readonly weight: Tensor;
  readonly buffer: Tensor;
}

/**
 * What training needs beyond tfjs's own operations, of which composed-operations.ts makes them. Images are [n, h, w, c];
 * vectors of channels [c].
 */
export interface Operations {
  /** (x - mean) / sqrt(variance + epsilon) * gamma + beta with the batch's own statistics. */
  batchNorm(x: Tensor4D, gamma: Tensor1D, beta: Tensor1D, epsilon: number): Normalized;
  batchNormGradient(
    dy: Tensor4D,
    x: Tensor4D,
    gamma: Tensor1D,
    statistics: Omit<Normalized, 'y'>,
    epsilon: number,
  ): NormalizedGradients;
  /** x * scale + shift, a channel. */
  scaleShift(x: Tensor4D, scale: Tensor1D, shift: Tensor1D): Tensor4D;
  /** x * sigmoid(x). */
  silu(x: Tensor4D): Tensor4D;
  siluGradient(x: Tensor4D, dy: Tensor4D): Tensor4D;
  /** Sum over the pixels of each image: [n, 1, 1, c]. */
  spatialSums(x: Tensor4D): Tensor4D;
  /** Sum over the pixels of each image of x * y: [n, 1, 1, c]. */
  spatialProductSums(x: Tensor4D, y: Tensor4D): Tensor4D;
  /** x * factor at each of h * w pixels: [n, 1, 1, c] to [n, h, w, c]. */
  spread(x: Tensor4D, h: number, w: number, factor: number): Tensor4D;
  /**
   * PyTorch's SGD: g = g + decay w; b = momentum b + g; w = w - rate b, or with `nesterov` w = w - rate (g + momentum b).
   */
  sgd(weight: Tensor, gradient: Tensor, buffer: Tensor, rule: SgdRule): Updated;
  /** PyTorch's RMSprop: v = alpha v + (1 - alpha) g^2; b = momentum b + g / (sqrt(v) + epsilon); w = w - rate b. */
  rmsprop(
    weight: Tensor,
    gradient: Tensor,
    buffer: Tensor,
    square: Tensor,
    rule: RmspropRule,
  ): Updated & { readonly square: Tensor };
  /** decay average + (1 - decay) values. */
  movingAverage(average: Tensor, values: Tensor, decay: number): Tensor;
}
