/** Growth of the process's resident memory after its first batches: what a leak would show. */
export class MemoryWatch {
  readonly #warmupBatches: number;
  #batches = 0;
  #baseline = 0;
  #highest = 0;

  /** @param warmupBatches batches after which buffers, caches and compiled code are taken to be in place */
  constructor(warmupBatches = 32) {
    this.#warmupBatches = warmupBatches;
  }

  /** To be called once a batch. */
  sample(): void {
    const resident = process.memoryUsage.rss();
    if (++this.#batches <= this.#warmupBatches) this.#baseline = Math.max(this.#baseline, resident);
    this.#highest = Math.max(this.#highest, resident);
  }

  /** Bytes above the highest value of the first batches; undefined while there were not enough batches. */
  get growth(): number | undefined {
    return this.#batches > this.#warmupBatches ? this.#highest - this.#baseline : undefined;
  }
}
