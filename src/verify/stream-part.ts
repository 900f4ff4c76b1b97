import type { Step } from '../core/step.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { StreamPosition } from '../engine/order/feed.ts';
import type { ExecutorBackend } from '../engine/plan/backend-name.ts';
import type { PipelineOptions } from '../engine/plan/options.ts';
import { pipeline } from '../pipeline.ts';
import { joinRanks, type StreamBatch, streamBatchOf } from './stream-batch.ts';
import { isBefore, type Window } from './windows.ts';

/** What decides a stream. */
export interface StreamSource {
  readonly dataset: Dataset;
  readonly steps: readonly Step[];
  readonly options: PartOptions & { readonly batchSize: number };
}

/** Options of the pipeline that all variants have in common. */
export type PartOptions = Pick<
  PipelineOptions,
  | 'batchSize'
  | 'seed'
  | 'shuffle'
  | 'sampler'
  | 'dropLast'
  | 'repeats'
  | 'views'
  | 'onError'
  | 'maxBad'
  | 'sampleTimeoutMs'
  | 'signal'
>;

/** How a stream is made, which must not change it. */
export interface StreamSetting {
  readonly backend: ExecutorBackend;
  readonly gpuAdapter?: string;
  /** Of each rank. */
  readonly workers: number;
  readonly prefetch: number;
  readonly chunkRows: number;
  /** Pipelines that make a part of each batch. */
  readonly ranks: number;
}

/**
 * The batches of a part of the stream, by the public pipeline.
 *
 * @param previous digest of the epoch's stream before it
 */
export async function* streamPart(
  source: StreamSource,
  setting: StreamSetting,
  { from, to }: Window,
  previous = '',
): AsyncGenerator<StreamBatch> {
  const batches =
    setting.ranks === 1
      ? rankBatches(source, setting, from, 0, previous)
      : allRanks(source, setting, from, previous);
  for await (const batch of batches) {
    if (!isBefore({ epoch: batch.epoch, batch: batch.index }, to)) return;
    yield batch;
    // the next would be made to be thrown away
    if (batch.epoch === to.epoch && batch.index + 1 === to.batch) return;
  }
}

/** Ranks go in step, as in training: none is more than a batch ahead. */
async function* allRanks(
  source: StreamSource,
  setting: StreamSetting,
  from: StreamPosition,
  previous: string,
): AsyncGenerator<StreamBatch> {
  const ranks = Array.from({ length: setting.ranks }, (_, rank) => rankBatches(source, setting, from, rank));
  const next = async (rank: AsyncGenerator<StreamBatch>) =>
    (await rank.next()).value as StreamBatch | undefined;
  const rowsPerRank = source.options.batchSize / setting.ranks;
  try {
    let heads = await Promise.all(ranks.map(next));
    let digest = previous;
    for (let first = heads[0]; first !== undefined; first = heads[0]) {
      const { epoch, index } = first;
      const belongs = (head: StreamBatch | undefined) => head?.epoch === epoch && head.index === index;
      // an epoch's last, incomplete batch may have rows for the first ranks only
      const joined = joinRanks(
        heads.filter((head) => head !== undefined && belongs(head)) as StreamBatch[],
        rowsPerRank,
        digest,
      );
      digest = joined.digest;
      yield joined;
      heads = await Promise.all(
        heads.map((head, rank) => (belongs(head) ? next(ranks[rank] as AsyncGenerator<StreamBatch>) : head)),
      );
    }
  } finally {
    await Promise.all(ranks.map((rank) => rank.return(undefined)));
  }
}

async function* rankBatches(
  { dataset, steps, options }: StreamSource,
  { ranks, backend, gpuAdapter, workers, prefetch, chunkRows }: StreamSetting,
  start: StreamPosition,
  rank: number,
  digest = '',
): AsyncGenerator<StreamBatch> {
  const stream = pipeline(dataset, {
    ...options,
    ...{ backend, workers, prefetch, chunkRows, rank },
    ...(gpuAdapter !== undefined && { gpuAdapter }),
    batchSize: options.batchSize / ranks,
    worldSize: ranks,
    epochs: 2,
    start: { ...start, digest },
    recordDraws: true,
    digest: true,
  }).pipe(...steps);
  for await (const batch of stream) yield await streamBatchOf(batch);
}
