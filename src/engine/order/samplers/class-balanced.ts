import { DataError, ParameterError } from '../../../core/errors.ts';
import { classMembers, type SampleGroup } from './class-members.ts';
import { type EpochLength, epochLength, givenOptions } from './epoch-length.ts';
import type { Sampler } from './sampler.ts';
import { inTurns } from './turns.ts';
import { checkWeightsByName } from './weights.ts';

export interface ClassBalancedOptions extends EpochLength {
  /** How often a class comes, in proportion to the others, by its name: `{ cat: 2 }`; 0: never. Default 1 each. */
  readonly weights?: Readonly<Record<string, number>>;
}

/**
 * As many samples of each class in an epoch (one more of the first, where they do not come out even), whatever numbers the dataset
 * has of them. A class's samples take turns in random order: none comes a second time before all of its class have come
 * once, over epochs too. A sample of several classes is counted in each; one of none never comes. A class without samples is
 * passed over. An error where an epoch is too short to have a sample of each.
 */
export function classBalanced(options: ClassBalancedOptions = {}): Sampler {
  const given = givenOptions('classBalanced', options, ['weights', 'samplesPerEpoch']);
  const { weights = {} } = given;
  checkWeightsByName('classBalanced', weights);
  return {
    name: 'classBalanced',
    parameters: given,
    balancesClasses: true,
    open({ dataset, seed }) {
      const all = classMembers(dataset);
      checkKnown(dataset.name, all, weights);
      const weightOf = ({ name }: SampleGroup) =>
        Object.hasOwn(weights, name) ? (weights[name] as number) : 1;
      const groups = all.filter((group) => group.length > 0 && weightOf(group) > 0);
      if (groups.length === 0)
        throw new DataError(
          'NO_LABELS',
          `${dataset.name}: classBalanced: no sample has a class that may come`,
        );
      return inTurns({
        ...{ of: `${dataset.name}: classBalanced`, groups, seed, weights: groups.map(weightOf) },
        ...{ overlap: dataset.labels !== undefined, length: epochLength(options, dataset.length) },
      });
    },
  };
}

function checkKnown(of: string, groups: readonly SampleGroup[], weights: Readonly<Record<string, number>>) {
  const unknown = Object.keys(weights).find((name) => !groups.some((group) => group.name === name));
  if (unknown === undefined) return;
  const message = `${of}: classBalanced: weights name the class '${unknown}', which it does not have`;
  throw new ParameterError('UNKNOWN_CLASS', message);
}
