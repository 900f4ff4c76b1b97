import { DataError } from '../core/errors.ts';
import { listedNames } from '../datasets/class-names.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { viewOf } from '../datasets/view.ts';

/**
 * The dataset under the labels of a model, whose outputs are numbered by the classes it was trained on. Classes are found
 * by name: the data may lack some, of which `tell` hears, but a name that the model does not know is an error.
 */
export function alignClasses(
  dataset: Dataset,
  classes: readonly string[],
  tell: (message: string) => void,
): Dataset {
  const { name, classes: own } = dataset;
  // class 3 is class 3, whichever is the highest that a split has
  const isStart = own.length <= classes.length && own.every((one, label) => one === classes[label]);
  if (isStart && (own.length === classes.length || isNumbered(own))) return dataset;
  const labels = own.map((one) => classes.indexOf(one));
  const without = (names: readonly string[], others: readonly string[]) =>
    names.filter((one) => !others.includes(one));
  const missing = without(classes, own);
  if (labels.includes(-1)) {
    const unknown = `unknown to the model: ${listedNames(without(own, classes))}`;
    const reason = `other classes than the training data: ${unknown}; missing: ${listedNames(missing)}`;
    throw new DataError('OTHER_CLASSES', `${name}: ${reason}`);
  }
  if (missing.length > 0) tell(`${name}: has no images of ${listedNames(missing)}`);
  return viewOf(dataset, { name, classes, relabelled: (label) => labels[label] ?? label });
}

const isNumbered = (classes: readonly string[]): boolean => classes.every((name, i) => name === String(i));
