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
  const first = failures.findIndex((one) => one !== null);
  const record = failures[first];
  if (outcome.status === 'rejected' && failures.every((one) => one?.message === record?.message))
    throw outcome.reason;
  if (record != null) throw nameRank(record, first, ranks);
  return (outcome as PromiseFulfilledResult<Result>).value;
}

function nameRank(record: ErrorRecord, rank: number, { size }: Ranks): Error {
  const error = fromErrorRecord(record);
  return reworded(error, `rank ${rank} of ${size}: ${error.message}`);
}

/** A value of each rank that JSON can say, in the order of the ranks. */
export async function gatherValues<Value>(ranks: Ranks, value: Value): Promise<Value[]> {
  const all = await ranks.gather(new TextEncoder().encode(JSON.stringify(value)));
  return all.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Value);
}
