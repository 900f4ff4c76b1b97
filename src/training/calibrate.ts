import type { Batch } from '../core/batch.ts';
import { TrainerError } from '../core/errors.ts';
import type { NamedTensor, QuantizedPlaces, TensorMap, Trainer } from '../core/trainer.ts';
import type { Pipeline } from '../pipeline.ts';
import { Histogram, largestOf } from '../quantization/histogram.ts';
import {
  type CalibrationOptions,
  calibrationDefaults,
  type Quantization,
} from '../quantization/quantization.ts';
import { rangeOf, weightRanges } from '../quantization/range.ts';
import { rangeNames } from '../trainers/recipe/range-checks.ts';

/** A trainer that can quantise. */
export type Observer = Trainer & Required<Pick<Trainer, 'observe'>>;

const observes = (trainer: Trainer): trainer is Observer => trainer.observe !== undefined;

/** The trainer, which must be one that can quantise. */
export function quantizing(trainer: Trainer): Observer {
  if (observes(trainer)) return trainer;
  const message = `${trainer.name}: this trainer cannot quantise: it has no observe(); --trainer graph can`;
  throw new TrainerError('CANNOT_QUANTIZE', message);
}

/** Ranges, as a trainer loads them, and how they were chosen. */
export interface Calibrated {
  readonly quant: TensorMap;
  readonly quantization: Quantization;
}

interface CalibrationWork {
  /** Prepared with these places, and loaded with its weights. */
  readonly trainer: Observer;
  readonly places: QuantizedPlaces;
  /** An epoch of training batches, with digests. */
  readonly stream: Pipeline;
  readonly options: CalibrationOptions;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Chooses ranges of values by the first batches of a stream, in evaluation mode, and ranges of weights by the weights, and loads
 * the trainer with them. An epoch of fewer batches is looked at whole.
 */
export async function calibrate(work: CalibrationWork): Promise<Calibrated> {
  const { trainer, places, options } = work;
  const { placement, method, percentile, levels } = options;
  const { weights } = await trainer.state();
  const ofWeights = places.weights.map((name): [string, NamedTensor] => [
    rangeNames.weight(name),
    asTensor(weightRanges(name, weights[name] as NamedTensor)),
  ]);
  const { histograms, ...seen } = await observeBatches(work);
  const ofPoints = [...histograms].map(([point, histogram]): [string, NamedTensor] => [
    rangeNames.point(point),
    asTensor(Float32Array.of(rangeOf(histogram, options))),
  ]);
  const quant = Object.fromEntries([...ofPoints, ...ofWeights]);
  await trainer.load({ weights, optimizer: {}, quant });
  return {
    quant,
    quantization: {
      ...{ placement, method },
      ...(percentile !== undefined && { percentile }),
      ...seen,
      ...(levels !== calibrationDefaults.levels && { levels }),
    },
  };
}

const asTensor = (data: Float32Array): NamedTensor => ({ shape: [data.length], data });

interface Observed extends Pick<Quantization, 'batches' | 'batchSize' | 'digest'> {
  readonly histograms: Histograms;
}

type Histograms = ReadonlyMap<string, Histogram>;

async function observeBatches({
  trainer,
  places,
  stream,
  options,
  onProgress,
}: CalibrationWork): Promise<Observed> {
  const total = Math.min(options.batches, stream.batchesPerEpoch ?? options.batches);
  let histograms: Histograms = new Map();
  let seen = { batches: 0, batchSize: 0, digest: '' };
  for await (const batch of stream) {
    // the first batch twice: its largest values say how wide bins are
    if (seen.batches === 0) histograms = await histogramsFor(batch, trainer, places);
    await trainer.observe(batch, places.points, (point, values) => histograms.get(point)?.add(values));
    seen = { batches: seen.batches + 1, batchSize: batch.labels.length, digest: batch.digest ?? '' };
    onProgress?.(seen.batches, total);
    if (seen.batches === total) break;
    // lets signals act between two long computations
    await new Promise(setImmediate);
  }
  return { histograms, ...seen };
}

/** An empty histogram for each point, in the order of the points. */
async function histogramsFor(
  batch: Batch,
  trainer: Observer,
  { points }: QuantizedPlaces,
): Promise<Histograms> {
  const largest = new Map<string, number>();
  await trainer.observe(batch, points, (point, values) => {
    // Math.max keeps NaN
    largest.set(point, Math.max(largest.get(point) ?? 0, largestOf(values)));
  });
  return new Map(points.map((point) => [point, new Histogram(point, largest.get(point) ?? Number.NaN)]));
}
