import type { PolicyName } from '../../operators/auto-augment/policies.ts';
import { mixup } from '../../operators/batch/mixup.ts';
import { autoAugment } from '../../operators/image/auto-augment.ts';
import { centerCrop } from '../../operators/image/center-crop.ts';
import { decode } from '../../operators/image/decode.ts';
import { normalize } from '../../operators/image/normalize.ts';
import { randomHorizontalFlip } from '../../operators/image/random-horizontal-flip.ts';
import { randomResizedCrop } from '../../operators/image/random-resized-crop.ts';
import { resize } from '../../operators/image/resize.ts';
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
  const { imageSize, interpolation, cropScale, augmentation, policy } = recipe;
  const scale = cropScale && { scale: [...cropScale] as [number, number] };
  return [
    randomResizedCrop(imageSize, { interpolation, ...scale }),
    randomHorizontalFlip(),
    ...(augmentation === 'autoaugment' ? [autoAugment({ policy })] : []),
  ];
}

/** All steps of the training stream. */
export const trainingSteps = (recipe: Recipe): Step[] => [
  ...augmentationSteps(recipe),
  normalize(),
  ...(recipe.mixup !== 0 ? [mixup(recipe.mixup)] : []),
];

/**
 * The steps of an evaluation: short side to a little more than the size, then the centre. The accurate DCT gives the pixels
 * that an app's decoder gives, so that what is measured is what is deployed. Training keeps the fast one.
 */
export function evaluationSteps({
  imageSize,
  interpolation,
}: Pick<Recipe, 'imageSize' | 'interpolation'>): Step[] {
  const shortSide = evaluationShortSide(imageSize);
  return [
    decode({ dct: 'accurate' }),
    resize({ shortSide, interpolation }),
    centerCrop(imageSize),
    normalize(),
  ];
}

/** The same, in its phases. */
export const evaluationPlan = (images: Pick<Recipe, 'imageSize' | 'interpolation'>): Plan =>
  makePlan(evaluationSteps(images), { decode: decode(), normalize: normalize() });

/** NVIDIA's recipe resizes to size + 32 (for 224 and more); smaller sizes keep the same share of margin. */
function evaluationShortSide(size: number): number {
  return size >= 224 ? size + 32 : Math.round((size * 8) / 7);
}
