import { DataError } from '../../src/core/errors.ts';
import { ThreadLoss } from './thread-loss.ts';

/** Threads that a sample may cost before it counts as bad: the first may have had another reason to end. */
const STRIKES = 2;

/** What a thread gets for one sample where nothing else is said. */
export const SAMPLE_TIMEOUT_MS = 60_000;

interface Sample {
  readonly key: string;
}

/** What became of some samples in spite of lost threads. */
export interface Survived<Item, Result> {
  /** Of `items`, in their order; undefined: there are none. */
  readonly result: Result | undefined;
  readonly items: readonly Item[];
  /** Those that are left out of the result. */
  readonly bad: ReadonlyMap<Item, DataError>;
}

/**
 * Runs samples as one task, again where its thread is lost. One that was in hand twice when that happened is bad, and
 * the others are run without it.
 */
export async function runDespiteLosses<Item extends Sample, Result>(
  all: readonly Item[],
  run: (items: readonly Item[]) => Promise<Result>,
): Promise<Survived<Item, Result>> {
  const strikes = new Map<Item, number>();
  const bad = new Map<Item, DataError>();
  let items = all;
  while (items.length > 0) {
    try {
      return { result: await run(items), items, bad };
    } catch (error) {
      if (!(error instanceof ThreadLoss)) throw error;
      const item = error.item === undefined ? undefined : items[error.item];
      if (item === undefined) continue;
      strikes.set(item, (strikes.get(item) ?? 0) + 1);
      if (strikes.get(item) !== STRIKES) continue;
      bad.set(item, badSample(item, error));
      items = items.filter((other) => other !== item);
    }
  }
  return { result: undefined, items, bad };
}

function badSample({ key }: Sample, { code, message, cause }: ThreadLoss): DataError {
  return new DataError(code, `${key}: tried ${STRIKES} times, the last: ${message}`, { cause, sample: key });
}
