import type { Batch } from '../../core/batch.ts';
import { DataError, type ErrorRecord } from '../../core/errors.ts';
import type { RowMix } from '../../core/mixing.ts';
import type { RowLabels } from '../../core/multi-labels.ts';
import { sampleError } from '../../core/sample-error.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import type { LiveFeed } from '../../datasets/memory/live.ts';
import { locateSample } from '../../datasets/sample.ts';
import { batchesPerEpoch, rowsOfBatch, type SamplingOptions } from './sampling.ts';

/** One row to prepare. */
export interface RowRequest extends RowLabels {
  readonly row: number;
  readonly id: number;
  readonly key: string;
  readonly locator: unknown;
  /** Which of the sample's rows of the epoch this is, from 0 on. Default 0. */
  readonly occurrence?: number;
  /** Where its sample's first row stands in the epoch's global order; left out: here. */
  readonly samplePosition?: number;
  /** How it is mixed with its partner, row XOR 1; left out: not at all. */
  readonly mix?: RowMix;
  /** Of a sample that the dataset itself says is bad. */
  readonly failure?: ErrorRecord;
}

/** A batch that is to be made: which sample stands in which row. */
export interface BatchRequest {
  readonly epoch: number;
  readonly index: number;
  readonly isLastOfEpoch: boolean;
  readonly rows: readonly RowRequest[];
  /** Rows that each sample has in it, where they belong together. */
  readonly views?: number;
  /** Place of the first row in the epoch's global order. */
  readonly firstPosition: number;
}

/** Batches in order. What a dataset and a live source look like to the engine. */
export interface Feed {
  next(): BatchRequest | undefined | Promise<BatchRequest | undefined>;
  close(): void;
  /** Images of a live source that found its buffer full and were dropped. */
  readonly dropped: number;
}

/** Where a run begins: to go on after an interruption, give the next batch's coordinates. */
export interface StreamPosition {
  readonly epoch: number;
  readonly batch: number;
}

export function datasetFeed(
  dataset: Dataset,
  sampling: SamplingOptions,
  epochs: number,
  start: StreamPosition,
): Feed {
  const count = batchesPerEpoch(sampling);
  const { views = 1 } = sampling;
  let { epoch, batch: index } = start;
  return {
    next() {
      if (index >= count) {
        epoch++;
        index = 0;
      }
      if (epoch >= epochs) return undefined;
      const { ids, occurrences, samplePositions, firstPosition } = rowsOfBatch(sampling, epoch, index);
      const rows = Array.from(ids, (id, row) => ({
        ...requestRow(dataset, row, id),
        ...copyOf(occurrences[row] as number, samplePositions[row] as number),
      }));
      const request = { epoch, index, isLastOfEpoch: index === count - 1, rows, firstPosition };
      index++;
      return { ...request, ...(views > 1 && { views }) };
    },
    close() {},
    dropped: 0,
  };
}

/** What is said of a row that is not its sample's first. */
const copyOf = (
  occurrence: number,
  samplePosition: number,
): Pick<RowRequest, 'occurrence' | 'samplePosition'> =>
  occurrence === 0 ? {} : { occurrence, samplePosition };

/** What a batch says of rows that are not their samples' first. */
export function copiesIn({ rows, views }: BatchRequest): Pick<Batch, 'occurrences' | 'views'> {
  if (rows.every(({ occurrence = 0 }) => occurrence === 0)) return views === undefined ? {} : { views };
  const occurrences = Uint32Array.from(rows, ({ occurrence = 0 }) => occurrence);
  return { occurrences, ...(views !== undefined && { views }) };
}

export function requestRow(dataset: Dataset, row: number, id: number): RowRequest {
  try {
    return { row, id, ...locateSample(dataset, id) };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const key = dataset.key(id);
    return { ...{ row, id, key }, label: -1, locator: undefined, failure: sampleError(error, { key }) };
  }
}

export function liveFeed(feed: LiveFeed, batchSize: number, dropLast: boolean): Feed {
  let index = 0;
  return {
    async next() {
      let arrivals = await feed.take(batchSize);
      // leaves out the incomplete batch, yet not the source's error, which comes after it
      if (dropLast && arrivals.length < batchSize) arrivals = await feed.take(batchSize);
      if (arrivals.length === 0) return undefined;
      const rows = arrivals.map((arrival, row) => ({ row, ...arrival }));
      const firstPosition = index * batchSize;
      return { epoch: 0, index: index++, isLastOfEpoch: arrivals.length < batchSize, rows, firstPosition };
    },
    close: () => feed.close(),
    get dropped() {
      return feed.dropped;
    },
  };
}
