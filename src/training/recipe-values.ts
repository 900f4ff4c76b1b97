import { presets } from './preset-values.ts';

/** A recipe that people train by: where it was published, settings by their names, and in what training by them differs. */
interface PublishedRecipe {
  readonly source: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly deviations: readonly string[];
}

const { arch: _, ...nvidia } = presets['efficientnet-b0'];

/** What none of them leaves to a preset. */
const plain = {
  augmentation: 'none',
  colorJitter: 0,
  randomErase: 0,
  mixup: 0,
  cutmix: 0,
  raReps: 1,
} as const;

const ROW_XOR_1 = 'Row i is mixed with row i XOR 1';

/** Each was published for one model and is used for others: none says which. */
export const recipes = {
  'torchvision-v2': {
    source: 'https://github.com/pytorch/vision/issues/3995, for ResNet-50 (weights IMAGENET1K_V2)',
    values: {
      ...plain,
      ...{ imageSize: 176, interpolation: 'bilinear' },
      ...{ autoAugment: 'ta_wide', randomErase: 0.1, mixup: 0.2, cutmix: 1, raReps: 4 },
      ...{ optimizer: 'sgd', momentum: 0.9, weightDecay: 2e-5, labelSmoothing: 0.1, useEma: 0.99997 },
      ...{ lr: 0.5, lrSchedule: 'cosine', endLr: 0, warmup: 5, epochs: 600 },
      ...{ batchSize: 128, optimizerBatchSize: 1024 },
    },
    deviations: [
      'A training evaluates at 176 pixels with the margin of NVIDIA’s scripts; --image-size 224 --crop-pct 0.9655 of evaluate is the recipe’s.',
      `${ROW_XOR_1}, not with the row before it.`,
      'The moving average of the weights takes up each update by 0.99997, not every 32nd by 0.9989.',
      'The warm-up begins at a fifth of the rate, not at a hundredth.',
    ],
  },
  deit3: {
    source: 'https://github.com/facebookresearch/deit/blob/main/README_revenge.md, for ViT-S on ImageNet-1k',
    values: {
      ...plain,
      ...{ interpolation: 'bicubic' },
      ...{ autoAugment: '3a', colorJitter: 0.3, mixup: 0.8, cutmix: 1, cutmixBox: 'timm', raReps: 3 },
      ...{ loss: 'bce', labelSmoothing: 0, lrSchedule: 'cosine', warmup: 5, epochs: 800 },
      ...{ batchSize: 252, optimizerBatchSize: 2016 },
    },
    deviations: [
      'There is no LAMB (rate 0.004, weight decay 0.05): optimiser, rate and weight decay are those of your training.',
      'What is dropped at random (0.05 of the paths) is the model’s: --survival-prob 0.95 --dropout 0.',
      'Targets of mixed rows are the shares of both classes, not 1 for each.',
      `${ROW_XOR_1}, not with row n - 1 - i.`,
      'Batches have 252 rows, not 256: the three copies of an image stand in one, there on three GPUs.',
    ],
  },
  'timm-ra': {
    source: 'https://huggingface.co/timm/efficientnet_b0.ra_in1k, for EfficientNet-B0',
    values: {
      ...plain,
      ...{ interpolation: 'bicubic', trainInterpolation: 'random' },
      ...{ autoAugment: 'rand-m9-mstd0.5', randomErase: 0.2, eraseMode: 'noise' },
      ...{ optimizer: 'rmsprop', rmspropAlpha: 0.9, rmspropEps: 0.001, momentum: 0.9, weightDecay: 1e-5 },
      ...{ labelSmoothing: 0.1, useEma: 0.9999 },
      ...{ lr: 0.048, lrSchedule: 'cosine', endLr: 0, warmup: 3, epochs: 450 },
      ...{ batchSize: 384, optimizerBatchSize: 768 },
    },
    deviations: [
      'The rate falls by a cosine, not by 3 % every 2.4 epochs.',
      'RMSprop is PyTorch’s, not TensorFlow’s: epsilon is added to the root, the mean square begins at 0, the rate multiplies the momentum.',
      'Boxes are at most 0.33 of the area and 3.3 times as high as wide, not 1 / 3 and 1 / 0.3.',
    ],
  },
  'nvidia-efficientnet': {
    source: 'NVIDIA’s EfficientNet for PyTorch, configs.yml; --preset efficientnet-b0 without the model',
    values: { ...plain, ...nvidia },
    deviations: [`${ROW_XOR_1}, not with one of a random permutation.`],
  },
} as const satisfies Readonly<Record<string, PublishedRecipe>>;

export type RecipeName = keyof typeof recipes;
export const recipeNames = Object.keys(recipes) as RecipeName[];
