import { type ErrorRecord, fromErrorRecord, reworded, toErrorRecord } from '../core/errors.ts';
import type { Ranks } from './ranks.ts';

/**
 * Does a piece of work on every rank, and goes on when all have done it. Where it failed on any, all of them throw the error of the
 * first that failed, which names the rank unless all say the same. `work` must not wait for other ranks.
 */
export async function together<Result>(ranks: Ranks, work: () => Promise<Result>): Promise<Result> {
  const [outcome] = await Promise.allSettled([work()]);
  const failure = outcome.status === 'rejected' ? toErrorRecord(outcome.reason) : null;
  const failures = ranks.size > 1 ? await gatherValues(ranks, failure) : [failure];
  const error = errorOfAll(ranks, failures, outcome.status === 'rejected' ? outcome.reason : undefined);
  if (error !== undefined) throw error;
  return (outcome as PromiseFulfilledResult<Result>).value;
}

/**
 * What all ranks throw, of what each failed with: its own error where all say the same, else that of the first, which names the
 * rank. Undefined where none failed.
 *
 * @param own what this rank failed with
 */
export function errorOfAll(
  { size }: Pick<Ranks, 'size'>,
  failures: readonly (ErrorRecord | null)[],
  own: unknown,
): unknown {
  const first = failures.findIndex((one) => one !== null);
  const record = failures[first];
  if (record == null) return undefined;
  if (failures.every((one) => one?.message === record.message)) return own;
  const error = fromErrorRecord(record);
  return reworded(error, `rank ${first} of ${size}: ${error.message}`);
}

/** A value of each rank that JSON can say, in the order of the ranks. */
export async function gatherValues<Value>(ranks: Ranks, value: Value): Promise<Value[]> {
  const all = await ranks.gather(new TextEncoder().encode(JSON.stringify(value)));
  return all.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Value);
}
