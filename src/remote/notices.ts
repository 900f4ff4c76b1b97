import { createHash } from 'node:crypto';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/** Two subjects that share a place would be told as one: with this many places, seldom. */
const PLACES = 4096;
const KEY = 'millrace notices';

/**
 * What the threads of a process have told the user, in memory that they share: a server that is gone is a line of one of them, not
 * of each. Made where this module is loaded first, before threads are started.
 */
const told = sharedPlaces();

function sharedPlaces(): Uint8Array {
  const known = getEnvironmentData(KEY) as unknown as SharedArrayBuffer | undefined;
  const places = known ?? new SharedArrayBuffer(PLACES);
  if (known === undefined) setEnvironmentData(KEY, places as never);
  return new Uint8Array(places);
}

/** Whether nobody has told of the subject since it was last `settled`: the caller does now. */
export const isFirstToTell = (subject: string): boolean => Atomics.exchange(told, placeOf(subject), 1) === 0;

/** The subject is as it should be: what happens to it next is told again. */
export function settled(subject: string): void {
  const place = placeOf(subject);
  // mostly nothing was told: to write would take the memory from other threads each time
  if (told[place] !== 0) Atomics.store(told, place, 0);
}

const places = new Map<string, number>();

function placeOf(subject: string): number {
  const known = places.get(subject);
  if (known !== undefined) return known;
  const place = createHash('sha256').update(subject).digest().readUInt32LE(0) % PLACES;
  places.set(subject, place);
  return place;
}
