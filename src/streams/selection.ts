import { ParameterError } from '../core/errors.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { textLines } from '../datasets/manifest/text-lines.ts';
import type { DatasetParts } from '../datasets/opening/val-part.ts';
import { classes } from '../datasets/wrappers/classes.ts';
import { kFold } from '../datasets/wrappers/k-fold.ts';
import { subset } from '../datasets/wrappers/subset.ts';
import { namingFile } from './naming-file.ts';

/** Which of the samples that a path has are meant. */
export interface SelectionOptions {
  /** A text file with the keys of the samples, one per line; all others are left out. */
  readonly subset?: string | undefined;
  /** Names of classes: only their samples, numbered in this order. */
  readonly onlyClasses?: readonly string[] | undefined;
  /** `'2/5'`: the second of five folds is for evaluation, the others are trained on (docs/sampling.md has the rule). */
  readonly fold?: string | undefined;
}

/** Those of a job's options that say which samples are meant. */
export const selectionOf = ({ subset, onlyClasses, fold }: SelectionOptions): SelectionOptions => ({
  ...{ subset, onlyClasses, fold },
});

/** The samples that are listed, of the classes that are named. */
export function selected(
  dataset: Dataset,
  { subset: list, onlyClasses }: Omit<SelectionOptions, 'fold'>,
  tell: (message: string) => void,
): Dataset {
  const listed =
    list === undefined ? dataset : namingFile('subset (--subset)', list, () => subset(dataset, keysIn(list)));
  if (list !== undefined)
    tell(`subset (--subset): ${listed.length} of ${dataset.length} samples are in ${list}`);
  if (onlyClasses === undefined) return listed;
  const chosen = classes(listed, onlyClasses);
  tell(
    `onlyClasses (--only-classes): ${chosen.length} of ${listed.length} samples are of ${chosen.classes.join(', ')}`,
  );
  return chosen;
}

/** The two parts of a dataset that a fold such as `2/5` names. */
export function partsOfFold(dataset: Dataset, fold: string, tell: (message: string) => void): DatasetParts {
  const [, number, k] = foldPattern.exec(fold) ?? [];
  if (number === undefined || Number(number) > Number(k))
    throw new ParameterError('INVALID_OPTION', `fold (--fold) must be such as '2/5', got '${fold}'`);
  const parts = kFold(dataset, Number(k), Number(number));
  const counts = `${parts.val.length} of ${dataset.length} images are for val`;
  tell(`fold ${fold} (--fold): ${counts}, the others are trained on`);
  return parts;
}

const foldPattern = /^([1-9]\d*)\/([1-9]\d*)$/;

const keysIn = (path: string): string[] =>
  Array.from(textLines(path), ({ text }) => text).filter((line) => line !== '');
