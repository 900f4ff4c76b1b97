import { timmPolicyNames } from '../../operators/auto-augment/timm/policies.ts';
import { isTimmText, timmStep } from '../../operators/auto-augment/timm/step.ts';
import { mix } from '../../operators/batch/mix.ts';
import { mixup } from '../../operators/batch/mixup.ts';
import { autoAugment } from '../../operators/image/auto-augment.ts';
import { colorJitter } from '../../operators/image/color-jitter.ts';
import { normalize } from '../../operators/image/normalize.ts';
import { randAugment } from '../../operators/image/rand-augment.ts';
import { randomHorizontalFlip } from '../../operators/image/random-horizontal-flip.ts';
import { randomResizedCrop } from '../../operators/image/random-resized-crop.ts';
import { trivialAugment } from '../../operators/image/trivial-augment.ts';
import { invalidParameter } from '../../operators/parameters.ts';
import { erase } from '../../operators/tensor/erase.ts';
import type { Step } from '../core/step.ts';
import type { Recipe } from './recipe.ts';

/** The steps of training that work on one image. */
function augmentationSteps(recipe: Recipe): Step[] {
  const { imageSize, interpolation, trainInterpolation = interpolation, cropScale } = recipe;
  const scale = cropScale && { scale: [...cropScale] as [number, number] };
  return [
    randomResizedCrop(imageSize, { interpolation: trainInterpolation, ...scale }),
    randomHorizontalFlip(),
    ...policySteps(recipe),
    ...jitterSteps(recipe),
  ];
}

/** All steps of the training stream. */
export const trainingSteps = (recipe: Recipe): Step[] => [
  ...augmentationSteps(recipe),
  normalize(),
  ...erasingSteps(recipe),
  ...mixingSteps(recipe),
];

function policySteps(recipe: Recipe): Step[] {
  const { autoAugment: name, augmentation, policy, translate } = recipe;
  if (name !== undefined) return name === 'none' ? [] : [autoAugmentStep(name, recipe)];
  return augmentation === 'autoaugment' ? [autoAugment({ policy, translate })] : [];
}

/** Policies by the names that torchvision's scripts have for them, and NVIDIA's; all others are timm's texts. */
export const autoAugmentNames = ['ta_wide', 'ra', 'imagenet', 'cifar10', 'svhn', 'v0'] as const;
type AutoAugmentName = (typeof autoAugmentNames)[number];

type Warping = Pick<Recipe, 'interpolation' | 'trainInterpolation' | 'translate'>;

/**
 * What torchvision's scripts call --auto-augment, and timm's --aa. Shears, translations and rotations interpolate as the crops do, as in
 * both; NVIDIA's `v0` takes the nearest pixel.
 */
function autoAugmentStep(name: string, recipe: Warping): Step {
  const { interpolation, trainInterpolation = interpolation, translate } = recipe;
  const warps = { interpolation: trainInterpolation === 'random' ? interpolation : trainInterpolation };
  const named: Readonly<Record<AutoAugmentName, () => Step>> = {
    ta_wide: () => trivialAugment(warps),
    ra: () => randAugment(warps),
    imagenet: () => autoAugment({ policy: 'imagenet', ...warps }),
    cifar10: () => autoAugment({ policy: 'cifar10', ...warps }),
    svhn: () => autoAugment({ policy: 'svhn', ...warps }),
    v0: () => autoAugment({ policy: 'v0', translate }),
  };
  if (translate !== undefined && name !== 'v0')
    throw invalidParameter(
      'autoAugment',
      'translate (--translate)',
      'left out unless the policy is v0',
      name,
    );
  if (!isNamed(name) && !isTimmText(name)) throw unknownPolicy(name);
  return isNamed(name) ? named[name]() : timmStep(name, { interpolation: trainInterpolation });
}

const unknownPolicy = (name: string): Error =>
  invalidParameter(
    'autoAugment (--auto-augment)',
    'its name',
    `${autoAugmentNames.join(', ')}, none, or timm's, such as rand-m9-mstd0.5-inc1, ${timmPolicyNames.join(', ')}`,
    name,
  );

const isNamed = (name: string): name is AutoAugmentName =>
  (autoAugmentNames as readonly string[]).includes(name);

const jitterSteps = ({ colorJitter: strength }: Recipe): Step[] =>
  strength === 0 ? [] : [colorJitter({ brightness: strength, contrast: strength, saturation: strength })];

const erasingSteps = ({ randomErase, eraseMode }: Recipe): Step[] =>
  randomErase === 0 ? [] : [erase({ probability: randomErase, value: eraseMode })];

/** MixUp alone is the step that it always was, so that its streams are. */
function mixingSteps({ mixup: alpha, cutmix, mixProb, mixSwitchProb, mixMode, cutmixBox }: Recipe): Step[] {
  if (alpha === 0 && cutmix === 0) return [];
  if (cutmix === 0 && mixProb === 1 && mixMode === 'batch') return [mixup(alpha)];
  return [
    mix({ mixup: alpha, cutmix, prob: mixProb, switchProb: mixSwitchProb, mode: mixMode, box: cutmixBox }),
  ];
}
