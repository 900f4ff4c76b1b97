import { addInto } from '../../ranks/add-into.ts';

/** Values that are added in one go, which takes about 2 ms: more would keep timers and signals waiting. */
const SLICE = 2 ** 20;

/**
 * The sum of a rank's parts, added as a full binary tree: neighbours first, then neighbours' sums. Its memory is kept from step to
 * step, and a stretch of the values may be added before the others are there.
 */
export class PartsSum {
  /** Sums that wait for their neighbour, those of most parts first; in the end the first is the sum of all. */
  readonly #waiting: readonly Float32Array[];

  /**
   * @param parts how many there are, a power of two
   * @param total memory of the sum; may be longer than what is added
   */
  constructor(parts: number, length: number, total: Float32Array) {
    // of the last part but one all of its pairs' sums wait, and it does too
    const others = Array.from({ length: ones(Math.max(0, parts - 2)) }, () => new Float32Array(length));
    this.#waiting = [total, ...others];
  }

  /** Adds the values of part `part` from `from` up to `to`. They have been added of all parts before it. */
  async add(part: number, vector: Float32Array, from = 0, to = vector.length): Promise<void> {
    for (let at = from; at < to; at += SLICE) {
      if (at > from) await new Promise(setImmediate);
      this.#add(part, vector, at, Math.min(at + SLICE, to));
    }
  }

  /** Each one at the end of the part's number in binary is a sum that its neighbour is now there for. */
  #add(part: number, vector: Float32Array, from: number, to: number): void {
    let sum = vector.subarray(from, to);
    let place = ones(part);
    for (let rest = part; rest % 2 === 1; rest >>= 1) {
      const left = (this.#waiting[--place] as Float32Array).subarray(from, to);
      addInto(left, sum);
      sum = left;
    }
    if (part % 2 === 0) (this.#waiting[place] as Float32Array).set(sum, from);
  }
}

/** How many sums wait when a part comes: the ones of its number in binary. */
const ones = (part: number): number => (part === 0 ? 0 : (part & 1) + ones(part >> 1));
