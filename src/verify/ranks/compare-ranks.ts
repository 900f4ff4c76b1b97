import type { Comparison } from '../comparison.ts';
import { type Trained, trainOnRanks } from './run-on-ranks.ts';
import { PARTS, ROWS_PER_PART, STEPS } from './words.ts';

/** Numbers of ranks that train: one needs no launcher. */
const counts = [1, 2, PARTS];

/** What came of it: that it cannot be tried here is no difference. */
export type RanksComparison = Comparison | { readonly skip: string };

/** Trains the same model on 1, 2 and 4 ranks, for seconds, up to the first whose weights are others. */
export async function compareRanks(launcher: string, signal?: AbortSignal): Promise<RanksComparison> {
  let [rows, expected] = [0, ''];
  for (const count of counts) {
    const trained = await trainOnRanks(count === 1 ? undefined : launcher, count, signal);
    if (trained.ranks === undefined && count > 1) return { skip: `${launcher}: ${trained.failure}` };
    const detail = faultOf(trained, count, expected);
    if (detail !== undefined)
      return {
        rows,
        difference: { epoch: 0, batch: 0, stage: 'weights', detail: `${describe(count)}: ${detail}` },
      };
    rows += STEPS * PARTS * ROWS_PER_PART;
    expected = trained.digest as string;
  }
  return { rows, difference: undefined };
}

const describe = (count: number) => (count === 1 ? '1 rank' : `${count} ranks`);

function faultOf({ ranks, failure, digest }: Trained, count: number, expected: string): string | undefined {
  if (failure !== undefined) return failure;
  if (ranks !== count) return `each of them sees ${ranks}`;
  if (digest === undefined) return 'no weights were told of';
  if (expected === '' || digest === expected) return undefined;
  return `digest ${digest.slice(0, 12)} instead of ${expected.slice(0, 12)}`;
}
