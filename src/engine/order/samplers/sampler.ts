import { inspect } from 'node:util';
import { ParameterError } from '../../../core/errors.ts';
import { freezePlain } from '../../../core/plain-data.ts';
import { inPlugin } from '../../../core/plugin.ts';
import { OCCURRENCES } from '../../../core/random.ts';
import type { Dataset } from '../../../datasets/dataset.ts';

/** Which sample stands at a place of an epoch. */
export interface SamplePick {
  /** The sample's index in the dataset. */
  readonly index: number;
  /**
   * Which time of the epoch it stands there, an integer of 0 or more: a number that no other place of the epoch has with this
   * index, or both would be augmented alike. Default 0, which says that the epoch has the sample once.
   */
  readonly occurrence?: number;
}

/** What a sampler may depend on. */
export interface SamplingContext {
  readonly dataset: Dataset;
  /** The pipeline's. */
  readonly seed: number;
  /** Samples of a global batch: its rows, divided by repeats or views. */
  readonly batchSize: number;
}

/** A sampler's order of one dataset. */
export interface SampleOrder {
  /** Samples of an epoch, the same in every epoch. */
  readonly length: number;
  /**
   * What stands at a place, 0..length - 1, of an epoch. A function of the two and of nothing else: it is asked in any order, on
   * each rank for other places, and again after an interruption.
   */
  at(position: number, epoch: number): SamplePick;
}

/**
 * Decides which sample stands where in a pipeline's stream, instead of shuffling: `pipeline(data, { sampler: classBalanced() })`.
 * Yours is such an object as well.
 */
export interface Sampler {
  /** For messages and digests. */
  readonly name: string;
  /** Raised where the same parameters give another order than before. Default 1. */
  readonly version?: number;
  /** All that the order depends on beside the dataset, as plain data: a part of the pipeline's digest. Default: nothing. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Whether how often a class comes does not depend on how many samples it has. Left out: it may. */
  readonly balancesClasses?: boolean;
  /** Called once for a pipeline, on the calling thread. What takes long, such as lists of a class's samples, is done here. */
  open(context: SamplingContext): SampleOrder;
}

/** What of a sampler is in a pipeline's digest. */
export const samplerIdentity = ({ name, version = 1, parameters = {} }: Sampler): unknown[] => [
  name,
  version,
  sortedByName(parameters),
];

const sortedByName = (value: unknown): unknown =>
  value instanceof Object && !Array.isArray(value)
    ? Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, one]) => [name, sortedByName(one)])
    : value;

/** Throws a ParameterError where this is no sampler. */
export function checkSampler(sampler: unknown): asserts sampler is Sampler {
  const { name, version = 1, parameters = {}, open }: Partial<Sampler> = Object(sampler);
  const isSampler = typeof name === 'string' && name !== '' && typeof open === 'function';
  if (!isSampler || !Number.isInteger(version)) {
    const expected = 'a sampler such as classBalanced(), an object { name, open }';
    throw invalid(`sampler must be ${expected}, got ${inspect(sampler, { depth: 0 })}`);
  }
  const other = freezePlain(parameters);
  if (other !== undefined)
    throw invalid(`sampler ${name}: parameters must be plain data, which a digest can name: got ${other}`);
}

/**
 * The sampler's order of a dataset, each of whose answers is checked.
 *
 * @param copies rows of the stream that each pick has
 */
export function openOrder(sampler: Sampler, context: SamplingContext, copies = 1): SampleOrder {
  const { name } = sampler;
  const { dataset } = context;
  const end = Math.floor(OCCURRENCES / copies);
  const asPlugin = { kind: 'sampler', name } as const;
  const order = inPlugin(asPlugin, {}, () => sampler.open(context));
  const { length } = Object(order) as Partial<SampleOrder>;
  if (typeof order?.at !== 'function' || !isCount(length, end) || length === 0) {
    const expected = `open must return { length, at }, with a length of 1..${end - 1}`;
    throw invalid(`sampler ${name}: ${expected}, got ${inspect(order, { depth: 0 })}`);
  }
  return {
    length,
    at(position, epoch) {
      const pick = inPlugin(asPlugin, {}, () => order.at(position, epoch));
      const { index, occurrence = 0 }: Partial<SamplePick> = Object(pick);
      if (isCount(index, dataset.length) && isCount(occurrence, end)) return { index, occurrence };
      const expected = `{ index, occurrence }, integers of 0 or more, index below ${dataset.length}`;
      const got = `got ${inspect(pick, { depth: 0 })} at position ${position} of epoch ${epoch}`;
      throw new ParameterError('INVALID_PICK', `sampler ${name}: at must return ${expected}, ${got}`);
    },
  };
}

const isCount = (value: unknown, end: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < end;

const invalid = (message: string): ParameterError => new ParameterError('INVALID_OPTION', message);
