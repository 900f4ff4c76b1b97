import type { Precision } from '../core/trainer.ts';

/** What NVIDIA's configs.yml sets for every EfficientNet, mode `convergence`. */
const common = {
  optimizer: 'rmsprop',
  rmspropAlpha: 0.9,
  rmspropEps: 0.01,
  momentum: 0.9,
  lrSchedule: 'cosine',
  endLr: 0,
  warmup: 16,
  epochs: 400,
  optimizerBatchSize: 4096,
  labelSmoothing: 0.1,
  mixup: 0.2,
  augmentation: 'autoaugment',
  policy: 'v0',
  interpolation: 'bicubic',
} as const satisfies Readonly<Record<string, unknown>>;

// of the batches that configs.yml gives for 32-bit training the smallest, those of a 16 GB GPU: with the optimizer's
// batch of 4096 rows the learning rate does not depend on them
const small = { ...common, lr: 0.08, weightDecay: 1e-5, batchSize: 64 } as const;
const large = { ...common, lr: 0.16, weightDecay: 5e-6, batchSize: 16 } as const;

/** What NVIDIA's scripts of quant_main.py set, or leave at its defaults. The placement is that of pytorch_quantization. */
const quantized = {
  quantized: true,
  placement: 'tensorrt',
  endLr: 0,
  warmup: 0,
  momentum: 0.9,
  optimizerBatchSize: -1,
  labelSmoothing: 0,
  mixup: 0,
  augmentation: 'none',
  interpolation: 'bilinear',
} as const satisfies Readonly<Record<string, unknown>>;

const smallQuantized = {
  ...quantized,
  ...{ optimizer: 'sgd', momentum: 0.89, weightDecay: 4.5e-5 },
  ...{ lr: 0.0125, lrSchedule: 'cosine', epochs: 10, batchSize: 128 },
} as const;
const largeQuantized = {
  ...quantized,
  ...{ optimizer: 'rmsprop', rmspropAlpha: 0.853, rmspropEps: 0.00422, weightDecay: 9.714e-4 },
  ...{ lr: 4.09e-6, lrSchedule: 'linear', epochs: 2, batchSize: 32 },
} as const;

/** NVIDIA's configuration of each model in 32 bits, as settings by their names. */
export const presets = {
  'efficientnet-b0': { arch: 'efficientnet-b0', ...small },
  'efficientnet-b4': { arch: 'efficientnet-b4', ...large },
  'efficientnet-widese-b0': { arch: 'efficientnet-widese-b0', ...small },
  'efficientnet-widese-b4': { arch: 'efficientnet-widese-b4', ...large },
  'efficientnet-quant-b0': { arch: 'efficientnet-b0', ...smallQuantized },
  'efficientnet-quant-b4': { arch: 'efficientnet-b4', ...largeQuantized },
} as const satisfies Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export type PresetName = keyof typeof presets;

// half the bytes a number: twice the rows on the same GPU of 16 GB
const smallMixed = { batchSize: 128, staticLossScale: 128 } as const;
const largeMixed = { batchSize: 32, staticLossScale: 128 } as const;

/** What its precision AMP sets otherwise. */
const mixed = {
  'efficientnet-b0': smallMixed,
  'efficientnet-b4': largeMixed,
  'efficientnet-widese-b0': smallMixed,
  'efficientnet-widese-b4': largeMixed,
  // float32 alone
  'efficientnet-quant-b0': {},
  'efficientnet-quant-b4': {},
} as const satisfies Readonly<Record<PresetName, Readonly<Record<string, unknown>>>>;

/** NVIDIA's configuration of a model for a precision, as settings by their names. */
export const presetValues = (
  name: PresetName,
  precision: Precision = 'float32',
): Readonly<Record<string, unknown>> =>
  precision === 'mixed' ? { ...presets[name], ...mixed[name] } : presets[name];
