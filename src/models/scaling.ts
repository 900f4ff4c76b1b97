import { ParameterError } from '../core/errors.ts';

/** How a variant differs from B0, and how it is trained. */
export interface Scaling {
  /** Factor on channels, and on the number of blocks a stage. */
  readonly width: number;
  readonly depth: number;
  readonly resolution: number;
  readonly dropout: number;
  /** Survival of a last block; that of block i of n is 1 - (1 - finalSurvival) i / n. */
  readonly finalSurvival: number;
  /** Squeeze from the expanded channels (WideSE). */
  readonly wideSqueeze: boolean;
  readonly stemStride: 1 | 2;
  /** Share of batch norm's running statistics that each batch replaces, 0..1. */
  readonly batchNormMomentum: number;
  /** Added to batch norm's variance. */
  readonly batchNormEpsilon: number;
  readonly convolutionInit: ConvolutionInit;
  readonly padding: Padding;
}

/** What a convolution's first weights are scaled by: the values that enter an output, or those an input goes to. */
export type ConvolutionInit = 'fan_in' | 'fan_out';
export const convolutionInits: readonly ConvolutionInit[] = ['fan_in', 'fan_out'];

/**
 * Zeros around what a convolution reads: (kernel - 1) / 2 on every side, as PyTorch's models have them; or TensorFlow's
 * `same`, as many as the outputs need, the smaller half of them before. They differ where the stride is 2.
 */
export const paddings = ['torch', 'same'] as const;
export type Padding = (typeof paddings)[number];

const table = {
  b0: scaling(1.0, 1.0, 224, 0.2),
  b1: scaling(1.0, 1.1, 240, 0.2),
  b2: scaling(1.1, 1.2, 260, 0.3),
  b3: scaling(1.2, 1.4, 300, 0.3),
  b4: scaling(1.4, 1.8, 380, 0.4, 0.8),
  b5: scaling(1.6, 2.2, 456, 0.4),
  b6: scaling(1.8, 2.6, 528, 0.5),
  b7: scaling(2.0, 3.1, 600, 0.5),
};

/** The published variants, and `nano`: ours, for 64 x 64 images and a trainer on one core. */
export const variants = {
  ...table,
  'widese-b0': { ...table.b0, wideSqueeze: true },
  'widese-b4': { ...table.b4, wideSqueeze: true },
  // a training of a few hundred steps ends before a momentum of 0.01 has replaced the statistics it began with
  nano: { ...scaling(0.25, 0.25, 64, 0.1), batchNormMomentum: 0.1 },
} as const satisfies Record<string, Scaling>;

export type Variant = keyof typeof variants;

/** Channels of a scaled layer: the multiple of 8 nearest to c x width, and not less than 90 % of it. */
export function scaleChannels(channels: number, width: number): number {
  const wanted = channels * width;
  const rounded = Math.max(8, Math.floor(Math.trunc(wanted + 4) / 8) * 8);
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}

export function checkScaling(scale: Scaling, classes: number): void {
  const check = (name: string, value: unknown, isValid: boolean, range: string): void => {
    if (isValid) return;
    throw new ParameterError('PARAMETER_RANGE', `efficientNet: ${name} must be ${range}, got ${value}`);
  };
  check('width', scale.width, scale.width > 0 && scale.width <= 16, 'above 0, at most 16');
  check('depth', scale.depth, scale.depth > 0 && scale.depth <= 16, 'above 0, at most 16');
  check('dropout', scale.dropout, scale.dropout >= 0 && scale.dropout < 1, '0 or more, below 1');
  const survival = scale.finalSurvival;
  check('finalSurvival', survival, survival > 0 && survival <= 1, 'above 0, at most 1');
  const momentum = scale.batchNormMomentum;
  check('batchNormMomentum', momentum, momentum > 0 && momentum <= 1, 'above 0, at most 1');
  const epsilon = scale.batchNormEpsilon;
  check('batchNormEpsilon', epsilon, epsilon > 0 && epsilon <= 1, 'above 0, at most 1');
  const init = scale.convolutionInit;
  check('convolutionInit', init, convolutionInits.includes(init), convolutionInits.join(' or '));
  check('padding', scale.padding, paddings.includes(scale.padding), paddings.join(' or '));
  check('stemStride', scale.stemStride, scale.stemStride === 1 || scale.stemStride === 2, '1 or 2');
  const isSize = (value: number, limit: number): boolean =>
    Number.isInteger(value) && value >= 1 && value <= limit;
  check('resolution', scale.resolution, isSize(scale.resolution, 8192), 'an integer 1..8192');
  check('classes', classes, isSize(classes, 65_535), 'an integer 1..65535');
}

function scaling(
  width: number,
  depth: number,
  resolution: number,
  dropout: number,
  finalSurvival = 1,
): Scaling {
  return {
    width,
    depth,
    resolution,
    dropout,
    finalSurvival,
    wideSqueeze: false,
    stemStride: 2,
    batchNormMomentum: 0.01,
    batchNormEpsilon: 1e-3,
    convolutionInit: 'fan_in',
    padding: 'torch',
  };
}
