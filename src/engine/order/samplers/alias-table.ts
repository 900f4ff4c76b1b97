import type { Rng } from '../../../core/random.ts';

/**
 * Draws numbers by their weights in constant time: each place holds a number, another one, and a threshold between the two
 * (Vose, "A linear algorithm for generating random numbers with a given distribution", 1991). 8 bytes a number. Probabilities
 * are exact to 2^-32 of a place's. Adds, multiplies and divides alone: the same table on every machine.
 */
export class AliasTable {
  readonly #thresholds: Uint32Array;
  readonly #others: Uint32Array;

  /** @param weights at least one of them above 0, with a finite sum; they are overwritten */
  constructor(weights: Float64Array) {
    const { length } = weights;
    this.#thresholds = new Uint32Array(length);
    this.#others = new Uint32Array(length);
    const sum = weights.reduce((a, b) => a + b, 0);
    for (let i = 0; i < length; i++) weights[i] = (weights[i] as number) * (length / sum);
    this.#fill(weights);
  }

  /** A number, by 3 draws of 32 bits. */
  draw(rng: Rng): number {
    const place = Math.floor(rng.uniform() * this.#others.length);
    return rng.uint32() < (this.#thresholds[place] as number) ? place : (this.#others[place] as number);
  }

  /** Each number that has too little is filled up from one that has too much. What is full keeps itself as the other one. */
  #fill(shares: Float64Array): void {
    const others = this.#others;
    const { length } = shares;
    // the small ones from the left end, the large ones from the right
    const waiting = new Uint32Array(length);
    let [small, large] = [0, length];
    for (let i = 0; i < length; i++) {
      others[i] = i;
      if ((shares[i] as number) < 1) waiting[small++] = i;
      else waiting[--large] = i;
    }
    let rich: number | undefined;
    while (small > 0 && large < length) {
      const poor = waiting[--small] as number;
      rich = waiting[large] as number;
      this.#thresholds[poor] = threshold(shares[poor] as number);
      others[poor] = rich;
      const rest = (shares[rich] as number) - (1 - (shares[poor] as number));
      shares[rich] = rest;
      if (rest >= 1) continue;
      large++;
      waiting[small++] = rich;
    }
    // rounding may leave some that have too little: hardly, yet one that has nothing must never be drawn
    for (; small > 0 && rich !== undefined; small--) {
      const poor = waiting[small - 1] as number;
      if (poor === rich) continue;
      this.#thresholds[poor] = threshold(shares[poor] as number);
      others[poor] = rich;
    }
  }
}

const threshold = (share: number): number => Math.min(2 ** 32 - 1, Math.floor(share * 2 ** 32));
