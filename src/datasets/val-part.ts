import { createHash } from 'node:crypto';
import { DataError } from '../core/errors.ts';
import type { Dataset } from './dataset.ts';
import { viewOf } from './view.ts';

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
    train: partOf(dataset, `trainPart(${dataset.name}, ${share})`, isVal, 0, dataset.length - count),
    val: partOf(dataset, `valPart(${dataset.name}, ${share})`, isVal, 1, count),
  };
}

function partOf(dataset: Dataset, name: string, isVal: Uint8Array, wanted: 0 | 1, length: number): Dataset {
  const indices = new Uint32Array(length);
  for (let index = 0, at = 0; index < isVal.length; index++)
    if (isVal[index] === wanted) indices[at++] = index;
  return viewOf(dataset, { name, length, original: (index) => indices[index] as number });
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
    const draw = { index, number: numberOf(dataset.key(index)) };
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

const numberOf = (key: string): number => createHash('sha256').update(key).digest().readUInt32BE(0);
