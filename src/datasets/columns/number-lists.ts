import { NumberColumn } from './number-column.ts';

/** Lists of numbers, one after the other, for millions of samples. */
export class NumberLists {
  /** The numbers of all lists. */
  readonly numbers: NumberColumn;
  /** Where each list ends in them. */
  readonly ends: NumberColumn;

  constructor(numbers = new NumberColumn(), ends = new NumberColumn()) {
    this.numbers = numbers;
    this.ends = ends;
  }

  push(list: readonly number[]): void {
    for (const one of list) this.numbers.push(one);
    this.ends.push(this.numbers.length);
  }

  /** None may follow. */
  finish(): void {
    this.numbers.finish();
    this.ends.finish();
  }

  /** Where a list is in the numbers. */
  rangeOf(index: number): readonly [start: number, end: number] {
    return [index === 0 ? 0 : this.ends.at(index - 1), this.ends.at(index)];
  }

  at(index: number): number[] {
    const list: number[] = [];
    const [start, end] = this.rangeOf(index);
    for (let at = start; at < end; at++) list.push(this.numbers.at(at));
    return list;
  }
}
