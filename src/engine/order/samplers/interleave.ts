import { inspect } from 'node:util';
import { ParameterError } from '../../../core/errors.ts';
import type { Dataset } from '../../../datasets/dataset.ts';
import { type ConcatOptions, concat } from '../../../datasets/wrappers/concat.ts';
import type { SampleGroup } from './class-members.ts';
import { type EpochLength, epochLength, givenOptions } from './epoch-length.ts';
import type { Sampler } from './sampler.ts';
import { inTurns } from './turns.ts';
import { checkWeight } from './weights.ts';

export interface InterleaveOptions extends EpochLength, ConcatOptions {}

/** A dataset and the sampler that was made for it. */
export interface Interleaved {
  readonly dataset: Dataset;
  readonly sampler: Sampler;
}

/**
 * Several datasets as one (`concat`), whose epochs have them in the proportion of the weights, in random order:
 *
 * ```ts
 * const { dataset, sampler } = interleave([real, generated], [3, 1]);
 * const train = pipeline(dataset, { sampler }).pipe(...);
 * ```
 *
 * Each dataset's samples take turns in random order: none comes a second time before all of its dataset have come once, over
 * epochs too. An error where an epoch is too short to have a sample of each.
 */
export function interleave(
  datasets: readonly Dataset[],
  weights: readonly number[],
  options: InterleaveOptions = {},
): Interleaved {
  const { prefixes, ...own } = givenOptions('interleave', options, ['samplesPerEpoch', 'prefixes']);
  const dataset = concat(datasets, prefixes && { prefixes });
  if (!Array.isArray(weights) || weights.length !== datasets.length)
    throw invalid(`expected ${datasets.length} weights, one per dataset, got ${inspect(weights)}`);
  for (const [i, weight] of weights.entries()) checkWeight('interleave', datasets[i]?.name ?? i, weight);
  if (!weights.some((weight) => weight > 0)) throw invalid('a weight must be above 0');
  const lengths = datasets.map(({ length }) => length);
  const empty = datasets.find(({ length }, i) => length === 0 && (weights[i] as number) > 0);
  if (empty !== undefined) throw invalid(`${empty.name} has no samples, so its weight must be 0`);
  const names = datasets.map(({ name }) => name);
  return { dataset, sampler: partsSampler({ lengths, names, weights, ...own }) };
}

interface DatasetShares extends EpochLength {
  readonly lengths: readonly number[];
  readonly names: readonly string[];
  readonly weights: readonly number[];
}

/** Of a dataset that has parts of these lengths, one after the other. */
function partsSampler({ lengths, names, weights, ...options }: DatasetShares): Sampler {
  const length = lengths.reduce((a, b) => a + b, 0);
  return {
    name: 'interleave',
    parameters: { lengths, weights: [...weights], ...options },
    open({ dataset, seed }) {
      if (dataset.length !== length)
        throw invalid(
          `the sampler is for its own dataset of ${length} samples, got ${dataset.name} of ${dataset.length}`,
        );
      let first = 0;
      const groups = lengths.map((count, i): SampleGroup => {
        const start = first;
        first += count;
        return { name: names[i] as string, length: count, index: (member) => start + member };
      });
      const order = { of: 'interleave', groups, weights, seed, overlap: false };
      return inTurns({ ...order, length: epochLength(options, length) });
    },
  };
}

const invalid = (message: string): ParameterError =>
  new ParameterError('INVALID_OPTION', `interleave: ${message}`);
