import { ParameterError } from '../core/errors.ts';
import type { Step } from '../core/step.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { resolveBackendName } from '../engine/plan/backend-name.ts';
import type { PipelineOptions } from '../engine/plan/options.ts';
import { type Pipeline, pipeline } from '../pipeline.ts';
import { type EvaluationRecipe, evaluationSteps, viewsOf } from './recipe.ts';
import { type SamplingChoice, samplerOf } from './sampler-choice.ts';

/** How images are read and prepared: a pipeline's options, without those of its order and its length. */
export type StreamOptions = Pick<
  PipelineOptions,
  | 'batchSize'
  | 'backend'
  | 'gpuAdapter'
  | 'workers'
  | 'prefetch'
  | 'seed'
  | 'repeats'
  | 'onError'
  | 'maxBad'
  | 'quarantine'
  | 'sampleTimeoutMs'
  | 'digest'
> &
  SamplingChoice;

interface Order extends Pick<PipelineOptions, 'epochs' | 'start' | 'dropLast' | 'rank' | 'worldSize'> {
  readonly signal?: AbortSignal | undefined;
}

/** The stream that a model is trained on. */
export const trainingStream = (
  dataset: Dataset,
  steps: readonly Step[],
  options: StreamOptions,
  { signal, ...rest }: Order,
): Pipeline =>
  pipeline(dataset, { ...pipelineOptions(options), ...rest, ...(signal && { signal }) }).pipe(...steps);

/** A pipeline's options, with the sampler that is asked for opened. */
export function pipelineOptions({ sampler, samplesPerEpoch, ...options }: StreamOptions): PipelineOptions {
  const opened = samplerOf({ sampler, samplesPerEpoch });
  return { ...options, ...(opened && { sampler: opened }) };
}

/** Options of a stream that has every sample alike: without repeats, and without a sampler. */
export function evenly<Options extends StreamOptions>({
  repeats: _repeats,
  sampler: _sampler,
  samplesPerEpoch: _samples,
  ...options
}: Options) {
  return options;
}

/** Whether an epoch has a whole batch, so that incomplete ones can be left out, as training does. */
export function hasWholeBatch(dataset: Dataset, options: StreamOptions): boolean {
  const { batchSize = 32 } = options;
  const { samplesPerEpoch = 0 } = pipeline(dataset, pipelineOptions(options));
  return samplesPerEpoch >= batchSize;
}

/** The stream that a model is evaluated on: each sample once, or all its views, in the dataset's order. */
export function evaluationStream(
  dataset: Dataset,
  { digest: _, ...given }: StreamOptions & Pick<PipelineOptions, 'rank' | 'worldSize'>,
  images: EvaluationRecipe,
  signal: AbortSignal | undefined,
): Pipeline {
  const options = evenly(given);
  const views = viewsOf(images);
  const rows = views === 1 ? {} : { views, batchSize: rowsOfViews(views, options.batchSize) };
  const order = { ...rows, ...(signal && { signal }), shuffle: false };
  return pipeline(dataset, { ...options, ...order }).pipe(...evaluationSteps(images));
}

/** About as many rows as without views, and all views of each image, on whatever rank. */
const rowsOfViews = (views: number, batchSize = 32): number =>
  2 * views * Math.max(1, Math.floor(batchSize / (2 * views)));

/**
 * The share of it that one of several ranks evaluates: batch i is batch i x size + rank of a single one's. Undefined where there are
 * fewer batches than ranks, and none for this one.
 */
export function evaluationShare(
  dataset: Dataset,
  options: StreamOptions & Required<Pick<StreamOptions, 'batchSize'>>,
  images: EvaluationRecipe,
  signal: AbortSignal | undefined,
  { rank, size: worldSize }: { readonly rank: number; readonly size: number },
): Pipeline | undefined {
  const views = viewsOf(images);
  const batchSize = views === 1 ? options.batchSize : rowsOfViews(views, options.batchSize);
  if (rank * batchSize >= dataset.length * views) return undefined;
  return evaluationStream(dataset, { ...options, rank, worldSize }, images, signal);
}

/** Refuses the backend that makes batches without reading an image, where `what` is about images. */
export function refuseSynthetic(what: string, backend: StreamOptions['backend'] = 'cpu'): void {
  if (resolveBackendName(backend) !== 'synthetic') return;
  throw new ParameterError('INVALID_OPTION', `${what}: the data backend 'synthetic' reads no images`);
}
