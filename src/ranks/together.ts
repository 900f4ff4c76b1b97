import { deserialize, serialize } from 'node:v8';
import { type ErrorRecord, fromErrorRecord, reworded } from '../core/errors.ts';
import type { Ranks } from './ranks.ts';

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

/** A value of each rank, plain data, in the order of the ranks. */
export async function gatherValues<Value>(ranks: Ranks, value: Value): Promise<Value[]> {
  const all = await ranks.gather(serialize(value));
  return all.map((bytes) => deserialize(bytes) as Value);
}
