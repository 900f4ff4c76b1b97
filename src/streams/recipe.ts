import type { PolicyName } from '../../operators/auto-augment/policies.ts';
import type { TranslationName } from '../../operators/auto-augment/v0.ts';
import { mixup } from '../../operators/batch/mixup.ts';
import { autoAugment } from '../../operators/image/auto-augment.ts';
import { centerCrop } from '../../operators/image/center-crop.ts';
import { decode } from '../../operators/image/decode.ts';
import { normalize } from '../../operators/image/normalize.ts';
import { randomHorizontalFlip } from '../../operators/image/random-horizontal-flip.ts';
import { randomResizedCrop } from '../../operators/image/random-resized-crop.ts';
import { resize } from '../../operators/image/resize.ts';
import { roundHalfToEven } from '../core/rounding.ts';
import type { Step } from '../core/step.ts';
import { makePlan, type Plan } from '../engine/plan/plan.ts';

/** How the recipe makes images: a random resized crop, a flip, AutoAugment, MixUp, as NVIDIA's scripts do. */
export interface Recipe {
  /** Edge of the square images in pixels. */
  readonly imageSize: number;
  /** How crops are resized. */
  readonly interpolation: 'bilinear' | 'bicubic';
  /** Share of the image's area that a random crop takes, 0..1. Left out: 0.08 to 1. */
  readonly cropScale?: readonly [low: number, high: number];
  /** What is done beyond crop and flip. */
  readonly augmentation: 'none' | 'autoaugment';
  /** AutoAugment's policy. */
  readonly policy: PolicyName;
  /** How far v0 moves images: by pixels or by shares of their side. Left out: 'absolute', as NVIDIA. */
  readonly translate?: TranslationName;
  /** MixUp's weight is drawn from Beta(mixup, mixup); 0 switches it off. */
  readonly mixup: number;
}

export const defaultRecipe: Recipe = {
  imageSize: 224,
  interpolation: 'bilinear',
  augmentation: 'none',
  policy: 'v0',
  mixup: 0,
};

/** The steps of training that work on one image. */
export function augmentationSteps(recipe: Omit<Recipe, 'mixup'>): Step[] {
  const { imageSize, interpolation, cropScale, augmentation, policy, translate } = recipe;
  const scale = cropScale && { scale: [...cropScale] as [number, number] };
  return [
    randomResizedCrop(imageSize, { interpolation, ...scale }),
    randomHorizontalFlip(),
    ...(augmentation === 'autoaugment' ? [autoAugment({ policy, translate })] : []),
  ];
}

/** All steps of the training stream. */
export const trainingSteps = (recipe: Recipe): Step[] => [
  ...augmentationSteps(recipe),
  normalize(),
  ...(recipe.mixup !== 0 ? [mixup(recipe.mixup)] : []),
];

export const cropModes = ['center', 'squash', 'border'] as const;

/** How images are made for an evaluation. */
export interface EvaluationRecipe extends Pick<Recipe, 'imageSize' | 'interpolation'> {
  /**
   * Share of the resized image that the crop keeps, by its side: timm's crop_pct. Left out: the recipe's margin of
   * 32 pixels; with a `cropMode` 0.875.
   */
  readonly cropPct?: number | undefined;
  /**
   * timm's crop_mode. What is resized: the shorter side, so that the crop loses the ends of the longer one (`center`);
   * both sides, whatever the shape (`squash`); the longer side, so that the mean colour fills what is lacking (`border`).
   */
  readonly cropMode?: (typeof cropModes)[number] | undefined;
}

/** timm's, where a mode is asked for and no share. */
const DEFAULT_CROP_PCT = 0.875;

/**
 * The steps of an evaluation: short side to a little more than the size, then the centre. The accurate DCT gives the pixels
 * that an app's decoder gives, so that what is measured is what is deployed. Training keeps the fast one.
 */
export const evaluationSteps = (recipe: EvaluationRecipe): Step[] => [
  decode({ dct: 'accurate' }),
  ...evaluationCrop(recipe),
  normalize(),
];

function evaluationCrop({ imageSize, interpolation, cropPct, cropMode }: EvaluationRecipe): Step[] {
  if (cropPct === undefined && cropMode === undefined)
    return [resize({ shortSide: evaluationShortSide(imageSize), interpolation }), centerCrop(imageSize)];
  const side = Math.floor(imageSize / (cropPct ?? DEFAULT_CROP_PCT));
  if (cropMode === 'squash')
    return [resize({ width: side, height: side, interpolation }), centerCrop(imageSize, { fill: BLACK })];
  if (cropMode === 'border')
    return [resize({ longSide: side, interpolation }), centerCrop(imageSize, { fill: meanColour() })];
  return [resize({ shortSide: side, interpolation }), centerCrop(imageSize, { fill: BLACK })];
}

const BLACK = [0, 0, 0] as const;

/** That of `normalize`, in levels. */
function meanColour(): readonly [number, number, number] {
  const [r, g, b] = normalize.definition.parameters.mean.default.map((share) => roundHalfToEven(255 * share));
  return [r, g, b] as [number, number, number];
}

/** The same, in its phases. */
export const evaluationPlan = (images: EvaluationRecipe): Plan =>
  makePlan(evaluationSteps(images), { decode: decode(), normalize: normalize() });

/** NVIDIA's recipe resizes to size + 32 (for 224 and more); smaller sizes keep the same share of margin. */
function evaluationShortSide(size: number): number {
  return size >= 224 ? size + 32 : Math.round((size * 8) / 7);
}
