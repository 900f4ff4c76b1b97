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
/** Else it is when the subject was settled last, in milliseconds since 1970. */
const TOLD = -1n;

function sharedPlaces(): BigInt64Array {
  const known = getEnvironmentData(KEY) as unknown as SharedArrayBuffer | undefined;
  const places = known ?? new SharedArrayBuffer(8 * PLACES);
  if (known === undefined) setEnvironmentData(KEY, places as never);
  return new BigInt64Array(places);
}

/**
 * Whether nobody has told of the subject since it was last `settled`: the caller does now. `since`: when the caller's trouble began,
 * in milliseconds since 1970; what began before the subject was settled has been told of.
 */
export function isFirstToTell(subject: string, since = Date.now()): boolean {
  const place = placeOf(subject);
  const before = Atomics.load(told, place);
  if (before === TOLD || before > BigInt(Math.ceil(since))) return false;
  return Atomics.compareExchange(told, place, before, TOLD) === before;
}

/** The subject is as it should be: what happens to it next is told again. */
export function settled(subject: string): void {
  const place = placeOf(subject);
  // mostly nothing was told: to write would take the memory from other threads each time
  if (told[place] === TOLD) Atomics.compareExchange(told, place, TOLD, BigInt(Date.now()));
}

const places = new Map<string, number>();

function placeOf(subject: string): number {
  const known = places.get(subject);
  if (known !== undefined) return known;
  const place = createHash('sha256').update(subject).digest().readUInt32LE(0) % PLACES;
  places.set(subject, place);
  return place;
}
