import { type Halving, halvings, type Range } from './halvings.ts';
import { type Peers, slotMemory } from './peers.ts';

let scratch: Uint8Array[] | undefined;

/** Adds up the vectors of all ranks in place, as `Ranks.sum` says. Their memory must not move: that of a SharedArrayBuffer. */
export function sumOverRanks(peers: Peers, vector: Float32Array): void {
  const steps = halvings(peers.rank, peers.size, vector.length);
  for (const step of steps) addPeersHalf(peers, vector, step);
  for (const { peer, keep, give } of steps.reverse()) {
    const missing = bytesOf(vector, give);
    const memory = (from: number, to: number) => missing.subarray(from, to);
    peers.exchange(peer, bytesOf(vector, keep), { length: missing.length, memory });
  }
}

/** An addition has the same bits either way round, so both ranks of a pair add the other's values to their own. */
function addPeersHalf(peers: Peers, vector: Float32Array, { peer, keep, give }: Halving): void {
  scratch ??= slotMemory();
  const slots = scratch;
  const own = bytesOf(vector, keep);
  peers.exchange(peer, bytesOf(vector, give), {
    length: own.length,
    memory: (from, to, slot) => (slots[slot] as Uint8Array).subarray(0, to - from),
    taken: (from, to, values) => peers.add(values, own.subarray(from, to)),
  });
}

const bytesOf = ({ buffer, byteOffset }: Float32Array, { from, to }: Range): Uint8Array =>
  new Uint8Array(buffer, byteOffset + 4 * from, 4 * (to - from));
