import { readFileSync } from 'node:fs';
import { DataError, reasonOf } from '../core/errors.ts';
import type { ModelChoice } from '../models/architecture.ts';
import { anything, type Checks, count, oneOf, textOrObject } from '../streams/option-checks.ts';
import type { Recipe } from '../streams/recipe.ts';
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
    classes: namesOf(choice, opened),
    isNumbered: opened.isNumbered && choice.classes === undefined,
  };
  return { ...opened, imageSize, interpolation, ...names };
}

/** One name per class. */
function namesOf({ classes }: WeightsChoice, opened: OpenWeights): readonly string[] {
  if (classes === undefined) return opened.classes;
  const names = typeof classes === 'string' ? readNames(classes) : classes;
  const { classes: expected } = opened.model;
  if (names.length === expected) return names;
  const where = typeof classes === 'string' ? classes : 'classes';
  const message = `${where}: expected ${expected} names of classes, one per line, got ${names.length}`;
  throw new DataError('OTHER_CLASSES', message);
}

function readNames(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  } catch (cause) {
    throw new DataError('READ_FAILED', `${path}: cannot be read: ${reasonOf(cause)}`, { cause });
  }
}
