import { type Stretch, stretchesBetween } from '../../core/stretches.ts';
import type { Ranks } from '../../ranks/ranks.ts';
import type { PartsSum } from './parts-sum.ts';

/** Where the sum of a step comes together. */
interface Adding {
  readonly ranks: Ranks;
  readonly sum: PartsSum;
  /** The memory of the sum. */
  readonly total: Float32Array;
  /** The rank's last part, with which its sum is complete. */
  readonly part: number;
  /** Stretches that are final early, in the order in which all ranks exchange them. */
  readonly early: readonly Stretch[];
}

/**
 * Adds up the last part of a step and then the ranks, stretch by stretch: one that is final early is exchanged while others are
 * still computed. All ranks exchange the same stretches in the same order, whenever they were told of them.
 */
export class Exchange {
  readonly #adding: Adding;
  readonly #ready = new Set<string>();
  readonly #sums: Promise<void>[] = [];
  #added = Promise.resolve();
  #next = 0;

  constructor(adding: Adding) {
    this.#adding = adding;
  }

  /** Hears that values of the last part's vector are final. */
  onReady(vector: Float32Array, from: number, to: number): void {
    this.#ready.add(String([from, to]));
    const { early } = this.#adding;
    for (let next = early[this.#next]; next && this.#ready.has(String(next)); next = early[this.#next])
      this.#sendNext(vector);
  }

  /** Adds and exchanges what is left. The first `length` values of the sum come from the parts, others are there already. */
  async finish(vector: Float32Array, length: number): Promise<void> {
    const { early, total } = this.#adding;
    while (this.#next < early.length) this.#sendNext(vector);
    for (const stretch of stretchesBetween(early, length)) this.#send(vector, stretch);
    await this.#added;
    if (total.length > length) this.#exchange([length, total.length]);
    await Promise.all(this.#sums);
  }

  #sendNext(vector: Float32Array): void {
    this.#send(vector, this.#adding.early[this.#next++] as Stretch);
  }

  #send(vector: Float32Array, [from, to]: Stretch): void {
    const { sum, part } = this.#adding;
    this.#added = this.#added.then(async () => {
      await sum.add(part, vector, from, to);
      this.#exchange([from, to]);
    });
  }

  #exchange([from, to]: Stretch): void {
    const { ranks, total } = this.#adding;
    const sum = ranks.sum(total.subarray(from, to));
    // of a step that fails before, nobody waits for it
    sum.catch(() => {});
    this.#sums.push(sum);
  }
}
