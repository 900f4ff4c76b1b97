import { ParameterError } from '../../../core/errors.ts';
import { listedNames } from '../../../datasets/class-names.ts';
import { keyedPermutation } from '../permutation.ts';
import type { SampleGroup } from './class-members.ts';
import { perEpoch } from './per-epoch.ts';
import { runningSums } from './running-sums.ts';
import type { SampleOrder } from './sampler.ts';
import { scaleWeights } from './weights.ts';

export interface TurnOptions {
  /** Whose turns these are, for messages. */
  readonly of: string;
  readonly groups: readonly SampleGroup[];
  /** How many of an epoch's samples are of each group, as shares of their sum. */
  readonly weights: readonly number[];
  /** Samples of an epoch. */
  readonly length: number;
  readonly seed: number;
  /** Whether a sample may be in several groups, which do not know of each other. */
  readonly overlap: boolean;
}

/**
 * An epoch has a fixed number of samples of each group, in random order. A group's samples take turns: in a keyed permutation of
 * its own, then in the next one when all were there, epochs through. So no sample comes twice before all of its group came once. A
 * group that may come has to come in each epoch: what is left out of one would be left out of all.
 */
export function inTurns({ of, groups, weights, length, seed, overlap }: TurnOptions): SampleOrder {
  const shares = apportioned(length, weights);
  checkShares(of, { groups, weights, length, shares });
  const ends = runningSums(shares);
  const slots = perEpoch((epoch) => keyedPermutation(length, seed, epoch));
  return {
    length,
    at(position, epoch) {
      const slot = slots(epoch)(position);
      const number = groupAt(ends, slot);
      const group = groups[number] as SampleGroup;
      const share = shares[number] as number;
      const before = epoch * share;
      const turn = before + slot - ((ends[number] as number) - share);
      const round = Math.floor(turn / group.length);
      const member = keyedPermutation(group.length, seed, round, 1 + number)(turn % group.length);
      const occurrence = overlap ? position : round - Math.floor(before / group.length);
      return { index: group.index(member), occurrence };
    },
  };
}

function checkShares(
  of: string,
  {
    groups,
    weights,
    length,
    shares,
  }: Pick<TurnOptions, 'groups' | 'weights' | 'length'> & {
    readonly shares: Float64Array;
  },
): void {
  const left = groups.filter((_, i) => shares[i] === 0 && (weights[i] as number) > 0);
  if (left.length === 0) return;
  const names = listedNames(left.map(({ name }) => name));
  const reason = `an epoch of ${length} samples is too short to have one of ${names}`;
  const advice = 'give more samplesPerEpoch (--samples-per-epoch), or the weight 0 to what is to be left out';
  throw new ParameterError('TOO_FEW_SAMPLES', `${of}: ${reason}: ${advice}`);
}

/**
 * Parts of `total` in proportion to the weights: whole numbers, none more than 1 from its share. What rounding down leaves goes to the
 * largest remainders, of equal ones to the first.
 */
export function apportioned(total: number, weights: readonly number[]): Float64Array {
  const scaled = Float64Array.from(weights);
  scaleWeights(scaled);
  const sum = scaled.reduce((a, b) => a + b, 0);
  const exact = Array.from(scaled, (weight) => (total * weight) / sum);
  const parts = Float64Array.from(exact, Math.floor);
  const left = total - parts.reduce((a, b) => a + b, 0);
  const remainder = (place: number) => (exact[place] as number) - (parts[place] as number);
  const byRemainder = exact
    .map((_, place) => ({ place, size: remainder(place) }))
    .sort((a, b) => b.size - a.size || a.place - b.place);
  for (const { place } of byRemainder.slice(0, left)) parts[place] = (parts[place] as number) + 1;
  return parts;
}

/** The first whose end lies behind the slot. */
export function groupAt(ends: Float64Array, slot: number): number {
  let [low, high] = [0, ends.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] as number) <= slot) low = middle + 1;
    else high = middle;
  }
  return low;
}
