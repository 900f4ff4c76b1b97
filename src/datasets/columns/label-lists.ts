import { listOf } from '../../core/multi-labels.ts';
import type { Dataset } from '../dataset.ts';
import { NumberColumn } from './number-column.ts';
import { NumberLists } from './number-lists.ts';

/** Labels of samples, and of those that may have several, which, ascending. */
export interface ListedLabels {
  /** -1 where there is none; where there are several, the first of them. */
  readonly labels: Int32Array;
  /** Undefined where each sample has its one label. */
  readonly lists: SampleLists | undefined;
}

/** Lists of samples, ascending; a sample that has one label may have none. */
interface SampleLists {
  get(index: number): readonly number[] | undefined;
}

/** Collects labels as samples are listed, when their numbers are not yet final. */
export class LabelLists {
  readonly #labels = new NumberColumn();
  /** How many lists there are up to each sample: where there are none, that takes no room. */
  readonly #counts = new NumberColumn();
  readonly #lists = new NumberLists();
  /** Samples that lost their labels again. */
  readonly #dropped = new Set<number>();
  #listCount = 0;

  get length(): number {
    return this.#labels.length;
  }

  /** Whether a sample has a list of labels. */
  get areLists(): boolean {
    return this.#listCount > 0;
  }

  /** @param label a number, -1 for none, or the list of a sample that may have several */
  add(label: number | readonly number[]): void {
    const isList = typeof label !== 'number';
    if (isList) {
      this.#lists.push(label);
      this.#listCount++;
    }
    this.#counts.push(this.#lists.ends.length);
    this.#labels.push(isList ? -1 : label);
  }

  /** Makes a sample one without a label. */
  drop(index: number): void {
    if (this.#dropped.has(index)) return;
    if (this.#rangeOf(index) !== undefined) this.#listCount--;
    this.#dropped.add(index);
  }

  /** All numbers: those of samples, then those of lists, one after the other. */
  numbers(): Int32Array {
    const { length } = this;
    const listed = this.#lists.numbers;
    const numbers = new Int32Array(length + listed.length);
    for (let index = 0; index < length; index++) numbers[index] = this.#labels.at(index);
    for (let at = 0; at < listed.length; at++) numbers[length + at] = listed.at(at);
    for (const index of this.#dropped) {
      numbers[index] = -1;
      const [start, end] = this.#rangeOf(index) ?? [0, 0];
      numbers.fill(-1, length + start, length + end);
    }
    return numbers;
  }

  /** @param numbers those of `numbers`, in their order, as they are in the end; they are kept, and sorted within lists */
  finish(numbers: Int32Array): ListedLabels {
    const { length } = this;
    const labels = numbers.subarray(0, length);
    if (!this.areLists) return { labels, lists: undefined };
    const listAt = (index: number): Int32Array | undefined => {
      const range = this.#dropped.has(index) ? undefined : this.#rangeOf(index);
      return range && numbers.subarray(length + range[0], length + range[1]);
    };
    for (let index = 0; index < length; index++) {
      const list = listAt(index);
      if (list !== undefined) labels[index] = list.sort()[0] ?? -1;
    }
    return { labels, lists: { get: (index) => asArray(listAt(index)) } };
  }

  /** Where the sample's list is in the numbers of all lists. */
  #rangeOf(index: number): readonly [start: number, end: number] | undefined {
    const count = this.#counts.at(index);
    if (count === (index === 0 ? 0 : this.#counts.at(index - 1))) return undefined;
    return this.#lists.rangeOf(count - 1);
  }
}

const asArray = (list: Int32Array | undefined) => list && [...list];

/** What a dataset of such labels has as `labels`: nothing where each sample has its one. */
export const listsOfSamples = ({ labels, lists }: ListedLabels): Pick<Dataset, 'labels'> =>
  lists === undefined
    ? {}
    : { labels: (index) => lists.get(index) ?? listOf({ label: labels[index] as number }) };
