import type { PolicyName } from '../../operators/auto-augment/policies.ts';
import type { TranslationName } from '../../operators/auto-augment/v0.ts';
import { mix } from '../../operators/batch/mix.ts';
import type { CutFormula } from '../../operators/cut-box.ts';
import { centerCrop } from '../../operators/image/center-crop.ts';
import { decode } from '../../operators/image/decode.ts';
import { fiveCrop } from '../../operators/image/five-crop.ts';
import { mirrorViews } from '../../operators/image/mirror-views.ts';
import { normalize } from '../../operators/image/normalize.ts';
import { resize } from '../../operators/image/resize.ts';
import { tenCrop } from '../../operators/image/ten-crop.ts';
import { erase } from '../../operators/tensor/erase.ts';
import { roundHalfToEven } from '../core/rounding.ts';
import type { Step } from '../core/step.ts';
import { makePlan, type Plan } from '../engine/plan/plan.ts';

/** How the recipe makes images: a random resized crop, a flip, what is chosen of augmentation, erasing and mixing. */
export interface Recipe {
  /** Edge of the square images in pixels. */
  readonly imageSize: number;
  /** How images are resized: crops, and the whole ones of an evaluation. */
  readonly interpolation: 'bilinear' | 'bicubic';
  /** How crops are resized, if otherwise: `random` is bilinear or bicubic, as often. Shears, rotations ... follow the crops. */
  readonly trainInterpolation?: (typeof trainInterpolations)[number];
  /** Share of the image's area that a random crop takes, 0..1. Left out: 0.08 to 1. */
  readonly cropScale?: readonly [low: number, high: number];
  /** What is done beyond crop and flip. */
  readonly augmentation: 'none' | 'autoaugment';
  /** AutoAugment's policy. */
  readonly policy: PolicyName;
  /** How far v0 moves images: by pixels or by shares of their side. Left out: 'absolute', as NVIDIA. */
  readonly translate?: TranslationName;
  /**
   * Instead of `augmentation`, by torchvision's or timm's name for it: `ta_wide`, `ra`, `rand-m9-mstd0.5-inc1` (see
   * `autoAugmentStep`); 'none' switches it off.
   */
  readonly autoAugment?: string;
  /** Strength of ColorJitter in brightness, contrast and saturation; 0 switches it off. */
  readonly colorJitter: number;
  /** MixUp's weight is drawn from Beta(mixup, mixup); 0 switches it off. */
  readonly mixup: number;
  /** The area that CutMix keeps is drawn from Beta(cutmix, cutmix); 0 switches it off. */
  readonly cutmix: number;
  /** Probability that rows are mixed at all. */
  readonly mixProb: number;
  /** Probability of CutMix where there is MixUp as well. */
  readonly mixSwitchProb: number;
  /** What is drawn for: the batch, two rows or each row. */
  readonly mixMode: (typeof mixModes)[number];
  /** Whose rounding CutMix's boxes have. */
  readonly cutmixBox: CutFormula;
  /** Probability that a box of the image is overwritten; 0 switches it off. */
  readonly randomErase: number;
  /** By what: 0 (the mean), a colour of the box or noise. */
  readonly eraseMode: (typeof eraseModes)[number];
}

export const trainInterpolations = ['bilinear', 'bicubic', 'random'] as const;
export const mixModes = mix.definition.parameters.mode.choices;
export const eraseModes = erase.definition.parameters.value.choices;

export const defaultRecipe: Recipe = {
  imageSize: 224,
  interpolation: 'bilinear',
  augmentation: 'none',
  policy: 'v0',
  colorJitter: 0,
  mixup: 0,
  cutmix: 0,
  mixProb: 1,
  mixSwitchProb: 0.5,
  mixMode: 'batch',
  cutmixBox: 'torchvision',
  randomErase: 0,
  eraseMode: 'constant',
};

export const cropModes = ['center', 'squash', 'border'] as const;

export const testTimeAugmentations = ['flip', 5, 10] as const;
/** Several views of each image: the centre and its mirror image, or torchvision's five or ten crops. */
export type TestTimeAugmentation = (typeof testTimeAugmentations)[number];

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
  /** Left out: one view of each image. */
  readonly tta?: TestTimeAugmentation | undefined;
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

function evaluationCrop(recipe: EvaluationRecipe): Step[] {
  const { imageSize, tta } = recipe;
  const { steps, fill } = resized(recipe);
  if (tta === 5) return [...steps, fiveCrop(imageSize)];
  if (tta === 10) return [...steps, tenCrop(imageSize)];
  const centre = centerCrop(imageSize, fill && { fill });
  return [...steps, centre, ...(tta === 'flip' ? [mirrorViews()] : [])];
}

/** What comes before the crop, and the colour of what an image then lacks; undefined: it lacks nothing. */
function resized({ imageSize, interpolation, cropPct, cropMode, tta }: EvaluationRecipe): {
  readonly steps: readonly Step[];
  readonly fill?: Colour;
} {
  if (cropPct === undefined && cropMode === undefined)
    return { steps: [resize({ shortSide: evaluationShortSide(imageSize), interpolation })] };
  const side = Math.floor(imageSize / (cropPct ?? DEFAULT_CROP_PCT));
  if (cropMode === 'squash')
    return { steps: [resize({ width: side, height: side, interpolation })], fill: BLACK };
  if (cropMode !== 'border') return { steps: [resize({ shortSide: side, interpolation })], fill: BLACK };
  const fill = meanColour();
  // corners are those of the border
  const whole = tta === 5 || tta === 10 ? [centerCrop(side, { fill })] : [];
  return { steps: [resize({ longSide: side, interpolation }), ...whole], fill };
}

type Colour = readonly [number, number, number];

const BLACK: Colour = [0, 0, 0];

/** That of `normalize`, in levels. */
function meanColour(): Colour {
  const [r, g, b] = normalize.definition.parameters.mean.default.map((share) => roundHalfToEven(255 * share));
  return [r, g, b] as [number, number, number];
}

/** The same, in its phases. */
export const evaluationPlan = (images: EvaluationRecipe): Plan =>
  makePlan(evaluationSteps(images), { decode: decode(), normalize: normalize() });

export const viewsOf = ({ tta }: Pick<EvaluationRecipe, 'tta'>): number => (tta === 'flip' ? 2 : (tta ?? 1));

/** NVIDIA's recipe resizes to size + 32 (for 224 and more); smaller sizes keep the same share of margin. */
function evaluationShortSide(size: number): number {
  return size >= 224 ? size + 32 : Math.round((size * 8) / 7);
}
