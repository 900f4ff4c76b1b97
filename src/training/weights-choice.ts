import type { ModelChoice } from '../models/architecture.ts';
import { anything, type Checks, count, oneOf, textOrObject } from '../streams/option-checks.ts';
import type { Recipe } from '../streams/recipe.ts';
import { classNames } from './class-names.ts';
import { openWeights } from './open-weights.ts';
import type { OpenWeights } from './opened-weights.ts';

/** What is to be known of weights that do not say it themselves, or to be other than they say. */
export interface WeightsChoice {
  /**
   * The model, or options of it, such as `{ padding: 'same' }`. Default: the checkpoint's; of weights that others saved: the
   * variant whose tensors they are, with the epsilon and the padding of the library whose names they have.
   */
  readonly model?: ModelChoice | undefined;
  /** Names of the classes, or the path of a file with one name per line. Default: the checkpoint's, or numbers. */
  readonly classes?: readonly string[] | string | undefined;
  /** Edge of the centre crop in pixels. Default: the checkpoint's, or the model's. */
  readonly imageSize?: number | undefined;
  /** How images are resized. Default: the checkpoint's, or as the library does it whose names the weights have. */
  readonly interpolation?: Recipe['interpolation'] | undefined;
}

export const weightsChecks: Checks<WeightsChoice> = {
  model: textOrObject,
  classes: anything,
  imageSize: count,
  interpolation: oneOf('bilinear', 'bicubic'),
};

/** Reads weights; what is chosen takes the place of what they say. `tell` hears what they are taken for. */
export async function openChosenWeights(
  path: string,
  choice: WeightsChoice,
  tell: (message: string) => void,
): Promise<OpenWeights> {
  const opened = await openWeights(path, choice.model);
  for (const line of opened.said) tell(line);
  const { imageSize = opened.imageSize, interpolation = opened.interpolation } = choice;
  const names = {
    classes: classNames(choice.classes, opened.classes, opened.model.classes),
    isNumbered: opened.isNumbered && choice.classes === undefined,
  };
  return { ...opened, imageSize, interpolation, ...names };
}
