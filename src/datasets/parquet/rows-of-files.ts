import type { ListedFile } from './file-labels.ts';

export interface RowPlace {
  readonly file: number;
  readonly row: number;
}

/** Rows of several files, numbered through. */
export class RowsOfFiles {
  readonly length: number;
  /** Of each file, the number of its first row. */
  readonly #firsts: number[] = [];

  constructor(files: readonly ListedFile[]) {
    let length = 0;
    for (const { rows } of files) {
      this.#firsts.push(length);
      length += rows.length;
    }
    this.length = length;
  }

  at(index: number): RowPlace {
    let [low, high] = [0, this.#firsts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#firsts[middle] as number) <= index) low = middle;
      else high = middle;
    }
    return { file: low, row: index - (this.#firsts[low] as number) };
  }
}
