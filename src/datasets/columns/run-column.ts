/** Numbers of which neighbours are mostly equal, such as the files that millions of samples are in: some bytes for each run. */
export class RunColumn {
  readonly #starts: number[] = [];
  readonly #values: number[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#values.at(-1) !== value) {
      this.#starts.push(this.#length);
      this.#values.push(value);
    }
    this.#length++;
  }

  at(index: number): number {
    return this.#values[this.#runAt(index)] as number;
  }

  /** Index at which the run begins that this one is in. */
  startAt(index: number): number {
    return this.#starts[this.#runAt(index)] as number;
  }

  /** The last run that starts at the index or before it. */
  #runAt(index: number): number {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
