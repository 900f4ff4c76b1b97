import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { DataError, ParameterError } from '../../../core/errors.ts';
import { randomFor } from '../../../core/random.ts';
import type { Dataset } from '../../../datasets/dataset.ts';
import { AliasTable } from './alias-table.ts';
import { type EpochLength, epochLength, givenOptions } from './epoch-length.ts';
import type { Sampler } from './sampler.ts';
import { checkWeight, checkWeightsByName, scaleWeights } from './weights.ts';

type WeightList = readonly number[] | Float32Array | Float64Array;

/** How often samples come, in proportion to each other: by index, by key, or for each sample of a class by its name. */
export type SampleWeights =
  | WeightList
  | { readonly keys: Readonly<Record<string, number>> }
  | { readonly classes: Readonly<Record<string, number>> };

/**
 * Samples by their weights, with replacement: each place of an epoch has a sample of its own draw, as PyTorch's
 * WeightedRandomSampler. A weight of 0 says never. Every sample, or every class, has to have a weight. Takes 8 bytes for each
 * sample.
 */
export function weighted(weights: SampleWeights, options: EpochLength = {}): Sampler {
  checkWeights(weights);
  const given = givenOptions('weighted', options, ['samplesPerEpoch']);
  return {
    name: 'weighted',
    parameters: { weights: describeWeights(weights), ...given },
    open({ dataset, seed }) {
      const table = new AliasTable(weightsOf(dataset, weights));
      return {
        length: epochLength(options, dataset.length),
        at: (position, epoch) => ({
          index: table.draw(randomFor(seed, epoch, position, 0, 'sampler')),
          // unlike any other place's, so that whatever sample it is, it is augmented anew
          occurrence: position,
        }),
      };
    },
  };
}

const isList = (weights: SampleWeights): weights is WeightList =>
  Array.isArray(weights) || ArrayBuffer.isView(weights);

function checkWeights(weights: SampleWeights): void {
  if (isList(weights)) return;
  const { keys, classes }: { keys?: unknown; classes?: unknown } = Object(weights);
  if ((keys === undefined) !== (classes === undefined)) {
    checkWeightsByName('weighted', keys ?? classes);
    return;
  }
  const expected = 'a list of numbers, { keys: { "cat/1.jpg": 2 } } or { classes: { cat: 2 } }';
  throw new ParameterError('INVALID_OPTION', `weighted: expected ${expected}, got ${inspect(weights)}`);
}

/** Those by class as they are; the others, as there may be millions, by their SHA-256. */
function describeWeights(weights: SampleWeights): unknown {
  if (!isList(weights) && 'classes' in weights) return { classes: { ...weights.classes } };
  const text = JSON.stringify(isList(weights) ? [...weights] : weights.keys);
  return createHash('sha256').update(text).digest('hex');
}

function weightsOf(dataset: Dataset, weights: SampleWeights): Float64Array {
  const weightOf = lookUp(dataset, weights);
  const numbers = new Float64Array(dataset.length);
  for (let index = 0; index < dataset.length; index++) {
    const weight = weightOf(index);
    checkWeight(`${dataset.name}: weighted`, dataset.key(index), weight);
    numbers[index] = weight as number;
  }
  scaleWeights(numbers);
  if (numbers.some((weight) => weight > 0)) return numbers;
  const message = `${dataset.name}: weighted: the weight of a sample must be more than 0, and none is`;
  throw new ParameterError('INVALID_WEIGHT', message);
}

function lookUp(dataset: Dataset, weights: SampleWeights): (index: number) => unknown {
  if (isList(weights)) return byIndex(dataset, weights);
  if ('keys' in weights) {
    const byKey = new Map(Object.entries(weights.keys));
    return (index) => byKey.get(dataset.key(index));
  }
  return ofClass(dataset, new Map(Object.entries(weights.classes)));
}

function byIndex({ name, length }: Dataset, weights: WeightList): (index: number) => unknown {
  if (weights.length === length) return (index) => weights[index];
  const message = `${name}: weighted: expected ${length} weights, one per sample, got ${weights.length}`;
  throw new ParameterError('INVALID_WEIGHT', message);
}

function ofClass(dataset: Dataset, byName: ReadonlyMap<string, number>): (index: number) => unknown {
  const { name, classes } = dataset;
  if (dataset.labels !== undefined) {
    const advice = 'give weights by key or by index';
    throw new DataError('SEVERAL_LABELS', `${name}: weighted: a sample may be of several classes: ${advice}`);
  }
  const unknown = [...byName.keys()].find((one) => !classes.includes(one));
  if (unknown !== undefined) {
    const message = `${name}: weighted: weights name the class '${unknown}', which it does not have`;
    throw new ParameterError('UNKNOWN_CLASS', message);
  }
  return (index) => byName.get(classes[dataset.label(index)] ?? '');
}
