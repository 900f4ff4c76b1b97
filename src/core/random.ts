import { ParameterError } from './errors.ts';
import { portableLog } from './portable-math.ts';

/**
 * Counter-based random numbers: what is drawn depends on (seed, epoch, sample, operator position) and on nothing
 * else. No state is shared, so neither workers nor their order can change a draw.
 *
 * Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Its published
 * test vectors are in test/unit/core/random.test.ts.
 */
export function philox4x32(counter: Uint32Array, key0: number, key1: number, out: Uint32Array): void {
  let [c0, c1, c2, c3] = counter as unknown as [number, number, number, number];
  let k0 = key0;
  let k1 = key1;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** High 32 bits of the 64-bit product, from 16-bit halves (all partial sums are exact in a double). */
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const carry = (middle % 0x10000) + a0 * b1;
  return a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000);
}

/** What a draw belongs to. A part of the counter, so that no two purposes ever share a number. */
export type DrawScope =
  | 'sample'
  | 'batch'
  | 'shuffle'
  | 'substitute'
  | 'weights'
  | 'dropout'
  | 'verify'
  | 'mix'
  | 'sampler';
export const drawScopes: Readonly<Record<DrawScope, number>> = {
  sample: 0,
  batch: 1,
  shuffle: 2,
  substitute: 3,
  weights: 4,
  dropout: 5,
  verify: 6,
  mix: 7,
  sampler: 8,
};

/** Samples that may be repeated have indices below this; those that may be repeated more often, below the second. */
const REPEATABLE = 2 ** 40;
const OFTEN_REPEATABLE = 2 ** 32;
/** Occurrences below this leave 8 bits of the counter to the index. */
const WIDE = 65_536;
/** The highest bit of the scope says that an occurrence is wide. */
const WIDE_SCOPE = 128;

/** Occurrences of a sample in an epoch are below this. */
export const OCCURRENCES = 2 ** 32;

/**
 * Draws of one sample (or batch, see `scope`) for the operator at `position`. Position and number of draws < 65,536.
 *
 * @param occurrence which of the sample's rows, 0..2^32-1: a sample that stands twice in an epoch is drawn for twice
 */
export function randomFor(
  seed: number,
  epoch: number,
  index: number,
  position: number,
  scope: DrawScope = 'sample',
  occurrence = 0,
): Rng {
  if (occurrence > 0) checkOccurrence(occurrence, index);
  return new Rng(seed, epoch, index, position, drawScopes[scope], occurrence);
}

function checkOccurrence(occurrence: number, index: number): void {
  const isKnown = Number.isInteger(occurrence) && occurrence < OCCURRENCES;
  const isWide = occurrence >= WIDE;
  if (isKnown && index < (isWide ? OFTEN_REPEATABLE : REPEATABLE)) return;
  const expected = `an integer 0..${OCCURRENCES - 1} of a sample below 2^${isWide ? 32 : 40}`;
  const message = `occurrence must be ${expected}, got ${occurrence} of sample ${index}`;
  throw new ParameterError('INVALID_OCCURRENCE', message);
}

/** A stream of random numbers. Made by `randomFor`. */
export class Rng {
  readonly #counter = new Uint32Array(4);
  readonly #key0: number;
  readonly #key1: number;
  readonly #block = new Uint32Array(4);
  #used = 4;

  constructor(
    seed: number,
    epoch: number,
    index: number,
    position: number,
    scope: number,
    occurrence: number,
  ) {
    this.#key0 = seed >>> 0;
    this.#key1 = Math.floor(seed / 2 ** 32) >>> 0;
    this.#counter[0] = position << 16;
    this.#counter[1] = epoch;
    this.#counter[2] = index;
    if (occurrence < WIDE) {
      // 24 bits of index above the low 32, 8 bits of scope: index < 2^53 fits; of a repeated sample 8 and 16 of occurrence
      this.#counter[3] = (Math.floor(index / 2 ** 32) & 0xffffff) | (occurrence << 8) | (scope << 24);
    } else {
      // 24 bits of occurrence, and its 8 high ones where the seed, of 53 bits, leaves the key free
      this.#counter[3] = (occurrence & 0xffffff) | ((scope | WIDE_SCOPE) << 24);
      this.#key1 = (this.#key1 | ((occurrence >>> 24) << 24)) >>> 0;
    }
  }

  /** Uniform integer in [0, 2^32). */
  uint32(): number {
    if (this.#used === 4) {
      philox4x32(this.#counter, this.#key0, this.#key1, this.#block);
      this.#counter[0] = (this.#counter[0] as number) + 1;
      this.#used = 0;
    }
    return this.#block[this.#used++] as number;
  }

  /** Uniform in [low, high), of 53 random bits. */
  uniform(low = 0, high = 1): number {
    const bits = (this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6);
    return low + (high - low) * (bits / 2 ** 53);
  }

  /** Uniform integer in [0, bound), 1 <= bound <= 2^32, without bias (rejection). */
  integer(bound: number): number {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 32))
      throw new ParameterError(
        'INVALID_BOUND',
        `integer: bound must be an integer 1..4294967296, got ${bound}`,
      );
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const value = this.uint32();
      if (value < limit) return value % bound;
    }
  }

  /** True with the given probability, 0..1. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Standard normal, Marsaglia's polar method. */
  normal(): number {
    for (;;) {
      const x = this.uniform(-1, 1);
      const y = this.uniform(-1, 1);
      const s = x * x + y * y;
      if (s > 0 && s < 1) return x * Math.sqrt((-2 * portableLog(s)) / s);
    }
  }
}
