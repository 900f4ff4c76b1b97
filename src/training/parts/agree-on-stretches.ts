import { TrainerError } from '../../core/errors.ts';
import type { Stretch } from '../../core/stretches.ts';
import type { Trainer } from '../../core/trainer.ts';
import type { Ranks } from '../../ranks/ranks.ts';
import { gatherValues } from '../../ranks/together.ts';
import { ranksByValue } from '../by-rank.ts';

/** What a rank adds to a step, and which of it is known early. */
interface Given {
  readonly length: number;
  readonly stretches: readonly Stretch[];
  /** What computes there. */
  readonly trainer: string;
}

/**
 * That all ranks give sums of one length, and which stretches of them they exchange early: those that their trainers tell of, where
 * all tell of the same.
 */
export async function agreeOnStretches(
  ranks: Ranks,
  trainer: Trainer,
  length: number,
  stretches: readonly Stretch[],
): Promise<readonly Stretch[]> {
  if (ranks.size === 1) return [];
  const all = await gatherValues<Given>(ranks, { length, stretches, trainer: described(trainer) });
  if (all.some((one) => one.length !== length)) throw differing(all);
  const areSame = all.every((one) => String(one.stretches) === String(stretches));
  return areSame ? stretches : [];
}

const described = ({ name, environment = {} }: Trainer): string =>
  [name, ...Object.entries(environment).map(([key, value]) => `${key} ${value}`)].join(', ');

/** Which ranks give what, those that give the same together. */
function differing(all: readonly Given[]): TrainerError {
  const groups = ranksByValue(all.map(({ length, trainer }) => `${length} values (${trainer})`));
  const lines = [...groups].map(
    ([what, numbers]) => `\n  ${numbers.length === 1 ? 'rank' : 'ranks'} ${numbers.join(', ')}: ${what}`,
  );
  const message = `the ranks' trainers add sums of other lengths to a step, so they cannot be added up:${lines.join('')}`;
  return new TrainerError('RANKS_DIFFER', message);
}
