import type { Peers } from './peers.ts';

/** What each rank gives, in the order of the ranks: views of one shared memory. */
export function gatherOverRanks(peers: Peers, given: Uint8Array): Uint8Array[] {
  const lengths = new Float64Array(new SharedArrayBuffer(8 * peers.size));
  lengths[peers.rank] = given.length;
  const eights = Array.from({ length: peers.size + 1 }, (_, rank) => 8 * rank);
  spread(peers, new Uint8Array(lengths.buffer), eights);

  const offsets = [0];
  for (const length of lengths) offsets.push((offsets.at(-1) as number) + length);
  const all = new Uint8Array(new SharedArrayBuffer(offsets.at(-1) as number));
  all.set(given, offsets[peers.rank]);
  spread(peers, all, offsets);
  return Array.from(lengths, (length, rank) =>
    all.subarray(offsets[rank], (offsets[rank] as number) + length),
  );
}

/** Has every rank's part of `all` on every rank; rank r's lies from offsets[r] to offsets[r + 1]. */
function spread(peers: Peers, all: Uint8Array, offsets: readonly number[]): void {
  const partsOf = (rank: number, count: number) => {
    const first = rank - (rank % count);
    return all.subarray(offsets[first], offsets[first + count]);
  };
  for (let count = 1; count < peers.size; count *= 2) {
    const peer = peers.rank ^ count;
    const missing = partsOf(peer, count);
    const memory = (from: number, to: number) => missing.subarray(from, to);
    peers.exchange(peer, partsOf(peers.rank, count), { length: missing.length, memory });
  }
}
