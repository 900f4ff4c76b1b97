import { ParameterError } from '../../core/errors.ts';
import { keyedPermutation } from './permutation.ts';

/** What decides which sample stands where in the stream. */
export interface SamplingOptions {
  readonly length: number;
  /** Rows a rank. The global batch is batchSize x worldSize. */
  readonly batchSize: number;
  readonly seed: number;
  readonly shuffle: boolean;
  /** True: an epoch's last incomplete global batch is left out. False: it is delivered, smaller. */
  readonly dropLast: boolean;
  readonly rank: number;
  readonly worldSize: number;
}

/** Rows of one rank's batch: sample ids, and where the first stands in the epoch's global order. */
export interface BatchRows {
  readonly ids: Float64Array;
  readonly firstPosition: number;
}

/** How many of an epoch's batches have rows for this rank. */
export function batchesPerEpoch({
  length,
  batchSize,
  worldSize,
  rank,
  dropLast,
}: Omit<SamplingOptions, 'seed' | 'shuffle'>): number {
  const global = batchSize * worldSize;
  // the last, incomplete global batch may have rows for the first ranks only
  const count = dropLast ? Math.floor(length / global) : Math.ceil((length / batchSize - rank) / worldSize);
  if (count > 0) return count;
  const reason = dropLast
    ? `a batch size of ${batchSize}${worldSize === 1 ? '' : ` x ${worldSize} ranks`} is larger than the dataset, and ` +
      'incomplete batches are left out (dropLast)'
    : `batches of ${batchSize} rows per rank leave none for rank ${rank} of ${worldSize}`;
  throw new ParameterError('NO_BATCHES', `${reason}: of ${length} samples, no batch would ever come`);
}

/**
 * Sample ids of one rank's rows in batch `index` of `epoch`: its contiguous slice of the global batch, so that the
 * global stream is the same for every number of ranks with the same global batch.
 */
export function rowsOfBatch(options: SamplingOptions, epoch: number, index: number): BatchRows {
  const { length, batchSize, worldSize, rank, seed, shuffle } = options;
  const firstPosition = (index * worldSize + rank) * batchSize;
  const rows = Math.max(0, Math.min(batchSize, length - firstPosition));
  const order = shuffle ? keyedPermutation(length, seed, epoch) : (position: number) => position;
  return { ids: Float64Array.from({ length: rows }, (_, row) => order(firstPosition + row)), firstPosition };
}
