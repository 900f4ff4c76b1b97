import type { Batch, Substitution } from '../core/batch.ts';
import { ParameterError } from '../core/errors.ts';
import type { Box, RawImage, TensorFormat } from '../core/image.ts';
import { mixOf } from '../core/mixing.ts';
import type { Step } from '../core/step.ts';
import { tensorImage } from '../core/tensor.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { copiesOf } from '../engine/order/copies.ts';
import { batchesPerEpoch, samplingOf } from '../engine/order/sampling.ts';
import { checkInteger, type PipelineOptions, resolveOptions } from '../engine/plan/options.ts';
import { tensorFormat } from '../engine/plan/plan.ts';
import { type MadeRow, SampleMaker } from '../engine/rows/sample-maker.ts';
import { rowDigest } from '../engine/rows/stream-digest.ts';
import { type Pipeline, pipeline } from '../pipeline.ts';
import { proveDigest, proveDraws, proveTensor } from './proof.ts';
import { lastImage, type ReplayedSample, replaySample } from './replayed-sample.ts';

/** A stream, and the batch of it that is to be shown. */
export interface ReplayRequest {
  readonly dataset: Dataset;
  /** All steps of the pipeline. */
  readonly steps: readonly Step[];
  readonly options: PipelineOptions;
  readonly epoch: number;
  readonly batch: number;
}

/** A row of a batch, and how it came to be. That the way leads there, byte for byte, has been checked. */
export interface Replay {
  readonly seed: number;
  readonly epoch: number;
  readonly batch: number;
  readonly row: number;
  /** Rows of the batch. */
  readonly rows: number;
  /** How many rows a sample has: `sample.occurrence` is one of them. */
  readonly copies: number;
  readonly sample: ReplayedSample;
  /** Where the pipeline mixes. */
  readonly mixing: ReplayedMixing | undefined;
  /** Samples that were to stand in this row, in the order in which they were tried. */
  readonly substitutions: readonly Substitution[];
  readonly format: TensorFormat;
  /** The row's tensor, as it lies in the batch. */
  readonly tensor: Uint8Array;
  /** The tensor's values as pixels again. */
  readonly tensorAsImage: RawImage;
  /** The same before parts of it were erased last. */
  readonly mixedAsImage: RawImage;
  readonly digests: { readonly pipeline: string; readonly row: string };
}

export interface ReplayedMixing {
  /** The row's own share. */
  readonly lambda: number;
  /** Where the partner's pixels stand; undefined where the two are blended. */
  readonly box: Box | undefined;
  /** Undefined: the row is not mixed. */
  readonly partner: ReplayedSample | undefined;
  /** Why the row is not mixed. */
  readonly reasonAlone: string | undefined;
}

/** Asks the pipeline for a batch, and replays rows of it one after the other: all, or those with these numbers. */
export async function* replayBatch(request: ReplayRequest, rows?: readonly number[]): AsyncGenerator<Replay> {
  const { dataset, steps, epoch, options } = request;
  const { seed = 0 } = options;
  const stream = streamOf(request);
  const batch = await fetchBatch(stream);
  const count = batch.labels.length;
  for (const row of rows ?? []) checkPlace('row', row, count, `rows in batch ${batch.index}`);
  // on the cpu backend, whichever made the batch
  const maker = await SampleMaker.open(dataset, steps, { backend: 'cpu' });
  try {
    for (const row of rows ?? batch.labels.keys()) {
      yield {
        ...{ seed, epoch, batch: batch.index, rows: count, copies: copiesOf(options) },
        ...(await replayRow(request, batch, row, maker)),
        digests: {
          pipeline: stream.digest,
          row: Buffer.from(batch.rowDigests[row] as Uint8Array).toString('hex'),
        },
      };
      // lets signals act between rows, each of which is one long computation
      await new Promise(setImmediate);
      options.signal?.throwIfAborted();
    }
  } finally {
    await maker.close();
  }
}

/** The pipeline that was asked for, from the batch on. What stands in no digest is chosen for a single batch. */
function streamOf({ dataset, steps, options, epoch, batch }: ReplayRequest): Pipeline {
  checkInteger('epoch', epoch, 0, 2 ** 32 - 2);
  const resolved = resolveOptions(options);
  if (resolved.backend === 'synthetic')
    throw new ParameterError('INVALID_OPTION', "replay: the data backend 'synthetic' reads no images");
  const count = batchesPerEpoch(samplingOf(dataset, resolved));
  checkPlace(
    'batch',
    batch,
    count,
    `batches of an epoch of ${dataset.name}, ${resolved.batchSize} rows each`,
  );
  const stream = pipeline(dataset, {
    ...options,
    ...{ start: { epoch, batch }, epochs: epoch + 1, prefetch: 1 },
    ...{ recordDraws: true, digest: true, maxBad: Number.POSITIVE_INFINITY },
  });
  return steps.reduce((piped, step) => piped.pipe(step), stream);
}

function checkPlace(name: string, value: number, count: number, what: string): void {
  if (Number.isInteger(value) && value >= 0 && value < count) return;
  throw new ParameterError(
    'OUT_OF_RANGE',
    `${name} must be 0..${count - 1} (there are ${count} ${what}), got ${value}`,
  );
}

/** What a batch says of itself, and the bytes of its rows. */
type FetchedBatch = Pick<
  Batch,
  'labels' | 'index' | 'epoch' | 'ids' | 'mixing' | 'occurrences' | 'substitutions'
> & {
  readonly drawn: NonNullable<Batch['drawn']>;
  readonly rowDigests: NonNullable<Batch['rowDigests']>;
  tensor(row: number): Uint8Array;
};

async function fetchBatch(stream: Pipeline): Promise<FetchedBatch> {
  for await (const batch of stream) {
    const { buffer, byteOffset, byteLength } = (await batch.read()).slice();
    const rowBytes = byteLength / batch.labels.length;
    const { labels, index, epoch, ids, mixing, occurrences, substitutions } = batch;
    return {
      ...{ labels, index, epoch, ids, mixing, substitutions },
      ...(occurrences && { occurrences }),
      drawn: batch.drawn as NonNullable<Batch['drawn']>,
      rowDigests: batch.rowDigests as NonNullable<Batch['rowDigests']>,
      tensor: (row) => new Uint8Array(buffer, byteOffset + row * rowBytes, rowBytes),
    };
  }
  throw new Error('the pipeline ended before the batch that lies within it');
}

async function replayRow(
  { dataset, options: { seed = 0 } }: ReplayRequest,
  batch: FetchedBatch,
  row: number,
  maker: SampleMaker,
) {
  const sampleOf = async (index: number): Promise<ReplayedSample> => {
    const sampleId = batch.ids[index] as number;
    const occurrence = batch.occurrences?.[index];
    const sample = await replaySample(dataset, maker, { seed, epoch: batch.epoch, sampleId, occurrence });
    proveDraws(sample, batch.drawn[index] ?? []);
    return sample;
  };
  const sample = await sampleOf(row);
  const { mixing } = batch;
  const mix = mixing && mixOf(mixing, row);
  const partner = mix && (await sampleOf(row ^ 1));
  const format = tensorFormat(maker.plan);
  const tensor = batch.tensor(row);
  const rows = (partner === undefined ? [sample] : [sample, partner]).map((one) =>
    maker.madeRow(lastImage(one), one.drawn),
  );
  const made = await maker.finish(rows, mix);
  proveTensor(sample, made, tensor, format);
  const { id, label, labels, drawn } = sample;
  const digest = rowDigest({ id, label, ...(labels && { labels }), drawn, mix }, made);
  proveDigest(sample, digest, batch.rowDigests[row] as Uint8Array);
  const asImage = (bytes: Uint8Array) => tensorImage(bytes, format, lastImage(sample));
  const tensorAsImage = asImage(tensor);
  const isErasedLast = (sample.eraseAfter ?? []).length > 0;
  return {
    ...{ row, sample, tensor, format, tensorAsImage },
    mixedAsImage: isErasedLast ? asImage(await maker.finish(rows.map(beforeLast), mix)) : tensorAsImage,
    mixing: mixing && {
      ...{ lambda: mix?.lambda ?? 1, box: mix?.box, partner },
      reasonAlone: mix === undefined ? reasonAlone(batch, row) : undefined,
    },
    substitutions: batch.substitutions.filter((substitution) => substitution.row === row),
  };
}

/** A row without what is erased of it after it was mixed. */
const beforeLast = ({ image, erasing: { eraseAfter: _, ...erasing } }: MadeRow): MadeRow => ({
  image,
  erasing,
});

/** Why a row of a batch whose rows are mixed is not. */
function reasonAlone({ ids }: FetchedBatch, row: number): string {
  const partner = row ^ 1;
  if (partner >= ids.length) return 'it is the last of an odd number, and has no partner';
  if (ids[partner] === ids[row]) return `row ${partner}, its partner, is of the same sample`;
  return 'it was drawn so';
}
