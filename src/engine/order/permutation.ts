import { drawScopes, philox4x32 } from '../../core/random.ts';

const ROUNDS = 6;

/**
 * A random permutation of [0, length), evaluated an index at a time: no memory, any length up to 2^52, and any
 * part of an epoch can be computed on its own. A Feistel network over the next power of four, keyed by (seed,
 * epoch, stream), walked until it lands inside [0, length) (Black and Rogaway, "Ciphers with arbitrary finite domains").
 *
 * @param stream tells apart the permutations that an epoch has several of, below 2^24
 */
export function keyedPermutation(
  length: number,
  seed: number,
  epoch: number,
  stream = 0,
): (index: number) => number {
  const { half, scramble } = network(length, seed, epoch, stream);
  return walked(length, (value) => {
    let left = Math.floor(value / half);
    let right = value % half;
    for (let round = 0; round < ROUNDS; round++)
      [left, right] = [right, (left ^ scramble(round, right)) >>> 0];
    return left * half + right;
  });
}

/** The inverse, of stream 0: which index the permutation sends here. */
export function permutedFrom(length: number, seed: number, epoch: number): (place: number) => number {
  const { half, scramble } = network(length, seed, epoch, 0);
  return walked(length, (value) => {
    let left = Math.floor(value / half);
    let right = value % half;
    for (let round = ROUNDS - 1; round >= 0; round--)
      [left, right] = [(right ^ scramble(round, left)) >>> 0, left];
    return left * half + right;
  });
}

function walked(length: number, step: (value: number) => number): (value: number) => number {
  return (from) => {
    let value = step(from);
    while (value >= length) value = step(value);
    return value;
  };
}

function network(length: number, seed: number, epoch: number, stream: number) {
  let halfBits = 1;
  while (4 ** halfBits < length) halfBits++;
  const half = 2 ** halfBits;
  const key0 = seed >>> 0;
  const key1 = Math.floor(seed / 2 ** 32) >>> 0;
  const counter = new Uint32Array(4);
  const block = new Uint32Array(4);

  const scramble = (round: number, value: number): number => {
    counter[0] = round;
    counter[1] = epoch;
    counter[2] = value;
    counter[3] = (drawScopes.shuffle << 24) | stream;
    philox4x32(counter, key0, key1, block);
    return (block[0] as number) % half;
  };
  return { half, scramble };
}
