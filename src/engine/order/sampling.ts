import { ParameterError } from '../../core/errors.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { type Copies, copiesOf, placeRow } from './copies.ts';
import { keyedPermutation } from './permutation.ts';
import { openOrder, type SampleOrder, type SamplePick, type Sampler } from './samplers/sampler.ts';

/** What decides which sample stands where in the stream. */
export interface SamplingOptions extends Copies {
  /** Samples of an epoch: the dataset's, or as many as the sampler says. */
  readonly length: number;
  /** Which sample stands where; left out: `shuffle` says. */
  readonly order?: SampleOrder | undefined;
  /** Rows a rank. The global batch is batchSize x worldSize. */
  readonly batchSize: number;
  readonly seed: number;
  readonly shuffle: boolean;
  /** True: an epoch's last incomplete global batch is left out. False: it is delivered, smaller. */
  readonly dropLast: boolean;
  readonly rank: number;
  readonly worldSize: number;
}

/** Rows of one rank's batch, and where the first stands in the epoch's global order. */
export interface BatchRows {
  /** The sample of each. */
  readonly ids: Float64Array;
  /** Which of its sample's rows each is. */
  readonly occurrences: Uint32Array;
  /** Where the first row of each one's sample stands in the epoch's global order. */
  readonly samplePositions: Float64Array;
  readonly firstPosition: number;
}

/** A pipeline's options of its order, for a dataset: opens the sampler, where there is one. */
export function samplingOf(
  dataset: Dataset,
  options: Omit<SamplingOptions, 'length' | 'order'> & { readonly sampler?: Sampler | undefined },
): SamplingOptions {
  const { sampler, seed, batchSize, worldSize } = options;
  const { repeats, views, shuffle, dropLast, rank } = options;
  const own = { seed, batchSize, worldSize, shuffle, dropLast, rank };
  const copying = { ...(repeats !== undefined && { repeats }), ...(views !== undefined && { views }) };
  if (sampler === undefined) return { ...own, ...copying, length: dataset.length };
  const copies = copiesOf(options);
  const order = openOrder(sampler, { dataset, seed, batchSize: (batchSize * worldSize) / copies }, copies);
  return { ...own, ...copying, length: order.length, order };
}

/** Repeats leave an epoch as long as the dataset, of fewer samples; views make it longer. */
export const rowsPerEpoch = ({ length, views = 1 }: Pick<SamplingOptions, 'length' | 'views'>): number =>
  length * views;

/** How many of an epoch's batches have rows for this rank. */
export function batchesPerEpoch(options: Omit<SamplingOptions, 'seed' | 'shuffle'>): number {
  const { length, batchSize, worldSize, rank, dropLast, order } = options;
  const rows = rowsPerEpoch(options);
  const global = batchSize * worldSize;
  // the last, incomplete global batch may have rows for the first ranks only
  const count = dropLast ? Math.floor(rows / global) : Math.ceil((rows / batchSize - rank) / worldSize);
  if (count > 0) return count;
  const reason = dropLast
    ? `a batch size of ${batchSize}${worldSize === 1 ? '' : ` x ${worldSize} ranks`} is larger than ${order === undefined ? 'the dataset' : 'an epoch'}, and ` +
      'incomplete batches are left out (dropLast)'
    : `batches of ${batchSize} rows per rank leave none for rank ${rank} of ${worldSize}`;
  throw new ParameterError(
    'NO_BATCHES',
    `${reason}: of ${length} samples${order === undefined ? '' : ' an epoch'}, no batch would ever come`,
  );
}

/**
 * One rank's rows in batch `index` of `epoch`: its contiguous slice of the global batch, so that the global stream is the same for
 * every number of ranks with the same global batch. By arithmetic alone: any batch can be asked for.
 */
export function rowsOfBatch(options: SamplingOptions, epoch: number, index: number): BatchRows {
  const { batchSize, worldSize, rank } = options;
  const global = batchSize * worldSize;
  const firstOfGlobal = index * global;
  const globalRows = Math.min(global, rowsPerEpoch(options) - firstOfGlobal);
  const rows = Math.max(0, Math.min(batchSize, globalRows - rank * batchSize));
  const at = picksOf(options, epoch);
  const copies = copiesOf(options);
  const firstSample = firstOfGlobal / copies;
  const batch = {
    ids: new Float64Array(rows),
    occurrences: new Uint32Array(rows),
    samplePositions: new Float64Array(rows),
    firstPosition: firstOfGlobal + rank * batchSize,
  };
  for (let row = 0; row < rows; row++) {
    const { sample, occurrence, firstRow } = placeRow(options, rank * batchSize + row, globalRows);
    const pick = at(firstSample + sample);
    batch.ids[row] = pick.index;
    batch.occurrences[row] = (pick.occurrence ?? 0) * copies + occurrence;
    batch.samplePositions[row] = firstOfGlobal + firstRow;
  }
  return batch;
}

/** What stands where in an epoch. */
export function picksOf(
  { length, seed, shuffle, order }: Pick<SamplingOptions, 'length' | 'seed' | 'shuffle' | 'order'>,
  epoch: number,
): (position: number) => SamplePick {
  if (order !== undefined) return (position) => order.at(position, epoch);
  const indexAt = shuffle ? keyedPermutation(length, seed, epoch) : (position: number) => position;
  return (position) => ({ index: indexAt(position) });
}
