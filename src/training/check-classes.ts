import { DataError } from '../core/errors.ts';
import type { Dataset } from '../datasets/dataset.ts';

/** A model's outputs are numbered by the classes it was trained on: data with others would be judged wrongly. */
export function checkClasses(dataset: Dataset, classes: readonly string[]): void {
  const isStart = dataset.classes.every((name, i) => name === classes[i]);
  if (isStart && (dataset.classes.length === classes.length || isNumbered(dataset.classes))) return;
  const without = (names: readonly string[], others: readonly string[]) =>
    names.filter((name) => !others.includes(name));
  const show = (names: readonly string[]) =>
    names.length === 0 ? 'none' : `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', ...' : ''}`;
  const missing = `missing: ${show(without(classes, dataset.classes))}`;
  const unknown = `unknown to the model: ${show(without(dataset.classes, classes))}`;
  throw new DataError(
    'OTHER_CLASSES',
    `${dataset.name}: other classes than the training data: ${missing}; ${unknown}`,
  );
}

/** Class 3 is class 3, whichever is the highest that a split has; names say more: one that is missing is a mistake. */
const isNumbered = (classes: readonly string[]): boolean => classes.every((name, i) => name === String(i));
