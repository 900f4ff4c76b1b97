import type { TensorMap } from '../core/trainer.ts';
import type { EfficientNet } from '../models/efficientnet.ts';
import { initialWeights } from '../models/parameters.ts';
import type { OpenWeights } from './opened-weights.ts';

/** What a pretrained model is to be trained on. */
interface Target {
  readonly model: EfficientNet;
  /** Of the data. */
  readonly classes: readonly string[];
  /** Seeds a classifier that is drawn. */
  readonly seed: number;
}

/**
 * The weights with a classifier for the data's classes: the file's own, if it is of the same classes in the same order, else
 * one that is drawn as for a training from the start. `tell` hears what was done, unless nothing was.
 */
export function fitHead(
  path: string,
  opened: OpenWeights,
  { model, classes, seed }: Target,
  tell: (message: string) => void,
): TensorMap {
  const { weights } = opened;
  const { name } = model.classifier;
  const rows = weights[`${name}.weight`]?.shape[0];
  // of a trainer that has its own names
  if (rows === undefined) return weights;
  const difference = differenceOf(opened, rows, { model, classes });
  if (difference === undefined) {
    if (opened.isNumbered) tell(`${path}: ${keptByNumber(rows, classes)}`);
    return weights;
  }
  tell(`${path}: its classifier (${name}) is ${difference}: drawn anew`);
  return { ...weights, ...initialWeights(model, seed, (one) => one.startsWith(`${name}.`)) };
}

/** In what the classes of the file are others than those of the data; undefined: in nothing that can be told. */
function differenceOf(
  { classes: own, isNumbered }: OpenWeights,
  rows: number,
  { model, classes }: Omit<Target, 'seed'>,
): string | undefined {
  if (rows !== model.classes)
    return `of ${rows} ${rows === 1 ? 'class' : 'classes'}, and ${model.classes} are trained`;
  // data without labels have no names
  if (isNumbered || classes.length === 0 || own.join('\n') === classes.join('\n')) return undefined;
  const isReordered = own.length === classes.length && own.every((one) => classes.includes(one));
  if (isReordered) return 'of the same classes in another order';
  return `of other classes (${listed(own)}) than the data (${listed(classes)})`;
}

const keptByNumber = (rows: number, classes: readonly string[]): string =>
  `its classifier is kept: its ${rows} classes have no names, and are taken for the data's in their order (${listed(classes)})`;

const listed = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''}`;
