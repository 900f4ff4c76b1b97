import type { Drawn } from '../core/batch.ts';
import { DataError, fromErrorRecord, type MillraceError } from '../core/errors.ts';
import type { RawImage, Size } from '../core/image.ts';
import type { RowLabels } from '../core/multi-labels.ts';
import { sampleError } from '../core/sample-error.ts';
import type { Step } from '../core/step.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { locateSample } from '../datasets/sample.ts';
import type { Sampler } from '../engine/order/samplers/sampler.ts';
import { type SamplingOptions, samplingOf } from '../engine/order/sampling.ts';
import type { SampleCoordinates } from '../engine/plan/sample-coordinates.ts';
import { type MadeRow, type SampleBackend, SampleMaker } from '../engine/rows/sample-maker.ts';
import { describeDraws, describeMix } from './captions.ts';
import { fitToCell } from './fit.ts';
import { type PreviewMix, previewMixes } from './previewed-mixes.ts';
import { SamplePlaces, samplesInOrder } from './sample-places.ts';

export interface RenderOptions extends SampleBackend {
  /** In the order of the pipeline. */
  readonly steps: readonly Step[];
  readonly seed: number;
  /** Rows of a batch, on which it depends how they are mixed. */
  readonly batchSize: number;
  /** Says which samples come first. Default: they are shuffled. */
  readonly sampler?: Sampler | undefined;
  /** Samples to show: the first of epoch 0, fewer where the dataset has fewer. */
  readonly samples: number;
  /** Augmented images a sample: what it becomes in epochs 0, 1, 2, ... */
  readonly versions: number;
  /** Edge of the square that every image has to fit into, in pixels. */
  readonly cell: number;
  /** Called for a sample that cannot be used; the next of the epoch takes its place. Left out: the error is thrown. */
  readonly onBadSample?: ((error: MillraceError) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A sample, and what training makes of it. Images fit the cell. */
export interface PreviewSample extends RowLabels {
  readonly id: number;
  readonly key: string;
  /** Size of the original before it was made to fit. */
  readonly size: Size;
  readonly original: RawImage;
  readonly versions: readonly PreviewVersion[];
}

export interface PreviewVersion {
  readonly epoch: number;
  readonly drawn: readonly Drawn[];
  /** How its row is mixed, where the pipeline mixes it. */
  readonly mixed?: PreviewMix;
  /** The same in short lines. */
  readonly lines: readonly string[];
  readonly image: RawImage;
}

/** Draws and runs the steps for the first samples of epoch 0, by the code and at the coordinates of a pipeline. */
export async function renderSamples(dataset: Dataset, options: RenderOptions): Promise<PreviewSample[]> {
  const maker = await SampleMaker.open(dataset, options.steps, options);
  try {
    return await firstSamples(dataset, maker, options);
  } finally {
    await maker.close();
  }
}

async function firstSamples(dataset: Dataset, maker: SampleMaker, options: RenderOptions) {
  const { seed, batchSize, sampler, samples, onBadSample, signal } = options;
  const order = { shuffle: true, dropLast: false, rank: 0, worldSize: 1 };
  const sampling = samplingOf(dataset, { seed, batchSize, sampler, ...order });
  const inOrder = samplesInOrder(sampling, { samples: dataset.length, epoch: 0, signal });
  const waiting = await firstOf(inOrder, samples);
  const places = new SamplePlaces(sampling, [...waiting], signal);
  const rendered: PreviewSample[] = [];
  while (rendered.length < samples) {
    // the next of the epoch takes the place of one that is bad
    const id = waiting.shift() ?? (await firstOf(inOrder, 1))[0];
    if (id === undefined) break;
    // lets signals act between samples, each of which is one long computation
    await new Promise(setImmediate);
    signal?.throwIfAborted();
    try {
      rendered.push(await renderSample(dataset, id, maker, { ...options, sampling, places }));
    } catch (cause) {
      const error = fromErrorRecord(sampleError(cause, { key: dataset.key(id) }));
      if (onBadSample === undefined || !(error instanceof DataError)) throw error;
      onBadSample(error);
    }
  }
  return rendered;
}

async function firstOf<Value>(values: AsyncGenerator<Value>, count: number): Promise<Value[]> {
  const first: Value[] = [];
  while (first.length < count) {
    const { value, done } = await values.next();
    if (done) break;
    first.push(value);
  }
  return first;
}

interface RenderedSampling extends Pick<RenderOptions, 'seed' | 'versions' | 'cell'> {
  readonly sampling: SamplingOptions;
  readonly places: SamplePlaces;
}

/** A sample and what it becomes in each epoch, made to fit the cell. */
async function renderSample(
  dataset: Dataset,
  id: number,
  maker: SampleMaker,
  { seed, versions: count, cell, sampling, places }: RenderedSampling,
): Promise<PreviewSample> {
  const fitted = (image: RawImage) => fitToCell(maker.executor, image, cell);
  const mixesOf = previewMixes(maker.plan, sampling);
  const original = await maker.original(id);
  const { width, height } = original;
  const versions: PreviewVersion[] = [];
  for (let epoch = 0; epoch < count; epoch++) {
    const place = await places.of(id, epoch);
    const at = { seed, epoch, sampleId: id, occurrence: place?.occurrence };
    const { row, drawn } = await madeRow(maker, original, at);
    const mixed = place && mixesOf?.(place, epoch, row.image);
    const lines = [
      ...(place === undefined ? [`not in epoch ${epoch}`] : []),
      ...describeDraws(maker.operators, drawn),
      ...(mixesOf === undefined ? [] : describeMix(dataset, mixed)),
    ];
    const partner =
      mixed &&
      (await partnerOf(dataset, maker, row, {
        ...{ seed, epoch, sampleId: mixed.partnerId, occurrence: mixed.partnerOccurrence },
      }));
    const image = await maker.picture(row, mixed && partner && { mix: mixed.mix, partner });
    versions.push({ epoch, drawn, ...(mixed && { mixed }), lines, image: await fitted(image) });
  }
  const { key, label, labels } = locateSample(dataset, id);
  return {
    ...{ id, key, label },
    ...(labels && { labels }),
    size: { width, height },
    original: await fitted(original),
    versions,
  };
}

async function madeRow(maker: SampleMaker, original: RawImage, at: SampleCoordinates) {
  const { calls, drawn } = maker.draw(original, at);
  return { row: maker.madeRow(await maker.run(original, calls), drawn), drawn };
}

/** The row that this one is mixed with. */
async function partnerOf(
  dataset: Dataset,
  maker: SampleMaker,
  { image: { width, height } }: MadeRow,
  at: SampleCoordinates,
): Promise<MadeRow> {
  const key = dataset.key(at.sampleId);
  try {
    const { row } = await madeRow(maker, await maker.original(at.sampleId), at);
    const { image } = row;
    if (image.width === width && image.height === height) return row;
    const sizes = `${image.width} x ${image.height} and ${width} x ${height} pixels`;
    throw new DataError('SIZE_MISMATCH', `rows of ${sizes} cannot be mixed`);
  } catch (cause) {
    throw fromErrorRecord(sampleError(cause, { key: `its partner ${key}` }));
  }
}
