import { listOf } from '../../core/multi-labels.ts';
import type { Dataset } from '../dataset.ts';

/** Labels of samples, and of those that may have several, which, ascending. */
export interface ListedLabels {
  /** -1 where there is none; where there are several, the first of them. */
  readonly labels: Int32Array;
  /** By sample; undefined where each has its one label. */
  readonly lists: ReadonlyMap<number, readonly number[]> | undefined;
}

/** Collects labels as samples are listed, when their numbers are not yet final. */
export class LabelLists {
  readonly #labels: number[] = [];
  readonly #lists = new Map<number, readonly number[]>();

  get length(): number {
    return this.#labels.length;
  }

  /** Whether a sample has a list of labels. */
  get areLists(): boolean {
    return this.#lists.size > 0;
  }

  /** @param label a number, -1 for none, or the list of a sample that may have several */
  add(label: number | readonly number[]): void {
    if (typeof label !== 'number') this.#lists.set(this.length, label);
    this.#labels.push(typeof label === 'number' ? label : -1);
  }

  /** Makes a sample one without a label. */
  drop(index: number): void {
    this.#labels[index] = -1;
    this.#lists.delete(index);
  }

  /** All numbers: those of samples, then those of lists, one after the other. */
  numbers(): Int32Array {
    const count = [...this.#lists.values()].reduce((sum, { length }) => sum + length, 0);
    const numbers = new Int32Array(this.length + count);
    numbers.set(this.#labels);
    let place = this.length;
    for (const list of this.#lists.values()) for (const one of list) numbers[place++] = one;
    return numbers;
  }

  /** @param numbers those of `numbers`, in their order, as they are in the end */
  finish(numbers: Int32Array): ListedLabels {
    const labels = numbers.slice(0, this.length);
    if (!this.areLists) return { labels, lists: undefined };
    let place = this.length;
    const lists = new Map<number, readonly number[]>();
    for (const [index, { length }] of this.#lists) {
      const list = [...numbers.subarray(place, place + length)].sort((a, b) => a - b);
      lists.set(index, list);
      labels[index] = list[0] ?? -1;
      place += length;
    }
    return { labels, lists };
  }
}

/** What a dataset of such labels has as `labels`: nothing where each sample has its one. */
export const listsOfSamples = ({ labels, lists }: ListedLabels): Pick<Dataset, 'labels'> =>
  lists === undefined
    ? {}
    : { labels: (index) => lists.get(index) ?? listOf({ label: labels[index] as number }) };
