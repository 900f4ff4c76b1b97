import { DataError } from '../../core/errors.ts';
import { keyNumber } from '../columns/key-number.ts';
import type { Dataset } from '../dataset.ts';
import { chosenOf } from '../view.ts';

/** A dataset in two parts that have no sample in common. */
export interface DatasetParts {
  readonly train: Dataset;
  readonly val: Dataset;
}

/**
 * Cuts a part for evaluation out of a dataset. A sample is in it if the SHA-256 of its key (UTF-8), of which the first 32
 * bits are a number (big-endian), is below `share * 2^32`: so it is on every machine, in a folder as in a store, and
 * whatever is added later. A class of two samples or more is in both parts: where all its samples would be in one, the
 * one with the lowest number goes to val, or the one with the highest to train. A class of one sample is in train.
 */
export function cutValPart(dataset: Dataset, share: number): DatasetParts {
  const isVal = choose(dataset, share);
  const count = isVal.reduce((sum, one) => sum + one, 0);
  if (count === 0)
    throw new DataError('NOTHING_TO_CUT', `${dataset.name}: no class has two samples, one of them for val`);
  return {
    train: chosenOf(dataset, { name: `trainPart(${dataset.name}, ${share})` }, isVal, (mark) => mark === 0),
    val: chosenOf(dataset, { name: `valPart(${dataset.name}, ${share})` }, isVal, (mark) => mark === 1),
  };
}

/** What is known of a class: how many samples it has, in all and in val, and those with the lowest and highest number. */
interface ClassCount {
  all: number;
  val: number;
  lowest: Draw;
  highest: Draw;
}
interface Draw {
  readonly index: number;
  readonly number: number;
}

/** 1 for each sample that is in val. */
function choose(dataset: Dataset, share: number): Uint8Array {
  const isVal = new Uint8Array(dataset.length);
  const counts = new Map<number, ClassCount>();
  for (let index = 0; index < dataset.length; index++) {
    const draw = { index, number: keyNumber(dataset.key(index)) };
    const isChosen = draw.number < share * 2 ** 32;
    if (isChosen) isVal[index] = 1;
    count(counts, dataset.label(index), draw, isChosen);
  }
  for (const { all, val, lowest, highest } of counts.values()) {
    if (val === all) isVal[highest.index] = 0;
    else if (val === 0 && all > 1) isVal[lowest.index] = 1;
  }
  return isVal;
}

function count(counts: Map<number, ClassCount>, label: number, draw: Draw, isChosen: boolean): void {
  const known = counts.get(label) ?? { all: 0, val: 0, lowest: draw, highest: draw };
  known.all++;
  if (isChosen) known.val++;
  if (draw.number < known.lowest.number) known.lowest = draw;
  if (draw.number > known.highest.number) known.highest = draw;
  counts.set(label, known);
}
