import { DataError, ParameterError } from '../../core/errors.ts';
import { classCounts } from '../class-counts.ts';
import { keyNumber } from '../columns/key-number.ts';
import type { Dataset } from '../dataset.ts';
import type { DatasetParts } from '../opening/val-part.ts';
import { chosenOf } from '../view.ts';

export interface KFoldOptions {
  /** Whether each class is divided evenly. Default true. */
  readonly stratified?: boolean;
  /** Another number gives other folds. Integer, 0..2^53-1. Default 0. */
  readonly seed?: number;
}

/** Marks are bytes twice over. */
const MOST_FOLDS = 65_535;

/**
 * The `fold`-th of `k` ways to divide a dataset into a part for evaluation, which has one sample in k, and one for training:
 * each sample is in the val part of one fold. Samples are dealt out like cards, class after class, in the order of the first
 * 32 bits of the SHA-256 of their keys (of `<seed>/<key>`, where the seed is not 0), and of their order where these are
 * equal. So folds are the same on every machine, from a folder as from a store, and differ in size by one at most, in all
 * and in each class.
 *
 * A class of fewer samples than two is an error: in one fold none would be left to train on. Where samples have several classes, they
 * are dealt out by the first.
 *
 * @param k number of folds, 2..65535, and no more than there are samples
 * @param fold 1..k
 */
export function kFold(dataset: Dataset, k: number, fold: number, options: KFoldOptions = {}): DatasetParts {
  const { stratified = true, seed = 0 } = options;
  if (dataset.length < 2) {
    const message = `${dataset.name}: kFold: a dataset of ${dataset.length} samples cannot be divided`;
    throw new DataError('NOTHING_TO_CUT', message);
  }
  check('k', k, 2, Math.min(MOST_FOLDS, dataset.length));
  check('fold', fold, 1, k);
  check('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  const folds = foldOfEach(dataset, k, seed, stratified);
  const [train, val] = ['trainFold', 'valFold'].map((part) => `${part}(${dataset.name}, ${fold}/${k})`);
  return {
    train: chosenOf(dataset, { name: train as string }, folds, (one) => one !== fold),
    val: chosenOf(dataset, { name: val as string }, folds, (one) => one === fold),
  };
}

/** Of each sample, 1..k. */
function foldOfEach(dataset: Dataset, k: number, seed: number, stratified: boolean): Uint16Array {
  const classOf = stratified ? (index: number) => dataset.label(index) + 1 : () => 0;
  const next = stratified ? firstTurns(dataset) : new Float64Array(1);
  const folds = new Uint16Array(dataset.length);
  for (const packed of shuffled(dataset, seed)) {
    const index = Number(packed & INDEX);
    const label = classOf(index);
    const turn = next[label] as number;
    next[label] = turn + 1;
    folds[index] = (turn % k) + 1;
  }
  return folds;
}

/** How many samples stand before each class, from the samples without one on. */
function firstTurns(dataset: Dataset): Float64Array {
  const counts = new Float64Array(dataset.classes.length + 1);
  for (let index = 0; index < dataset.length; index++) {
    const label = dataset.label(index) + 1;
    counts[label] = (counts[label] as number) + 1;
  }
  const single = classCounts(dataset).counts.indexOf(1);
  if (single !== -1) {
    const reason = `kFold: the class ${dataset.classes[single]} has one sample: a fold would leave none to train on`;
    const advice =
      'leave it out by onlyClasses (--only-classes), or divide without classes by stratified: false';
    throw new DataError('EMPTY_CLASS', `${dataset.name}: ${reason}; ${advice}`);
  }
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return sum - count;
  });
}

const INDEX = 0xffff_ffffn;

/** Indices below the numbers of their keys, ascending: 8 bytes for each sample. */
function shuffled(dataset: Dataset, seed: number): BigUint64Array {
  const salted = (key: string) => (seed === 0 ? key : `${seed}/${key}`);
  const packed = new BigUint64Array(dataset.length);
  const words = new Uint32Array(packed.buffer);
  const [low, high] = isLittleEndian ? [0, 1] : [1, 0];
  for (let index = 0; index < dataset.length; index++) {
    words[2 * index + low] = index;
    words[2 * index + high] = keyNumber(salted(dataset.key(index)));
  }
  return packed.sort();
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function check(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new ParameterError(
    'INVALID_OPTION',
    `kFold: ${name} must be an integer ${min}..${max}, got ${value}`,
  );
}
