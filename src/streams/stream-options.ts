import { ParameterError } from '../core/errors.ts';
import type { Step } from '../core/step.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { resolveBackendName } from '../engine/plan/backend-name.ts';
import type { PipelineOptions } from '../engine/plan/options.ts';
import { type Pipeline, pipeline } from '../pipeline.ts';
import { evaluationSteps, type Recipe } from './recipe.ts';

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
>;

interface Order extends Pick<PipelineOptions, 'epochs' | 'start' | 'dropLast' | 'rank' | 'worldSize'> {
  readonly signal?: AbortSignal | undefined;
}

/** The stream that a model is trained on. */
export const trainingStream = (
  dataset: Dataset,
  steps: readonly Step[],
  options: StreamOptions,
  { signal, ...rest }: Order,
): Pipeline => pipeline(dataset, { ...options, ...rest, ...(signal && { signal }) }).pipe(...steps);

/** The stream that a model is evaluated on: each sample once, in the dataset's order. */
export function evaluationStream(
  dataset: Dataset,
  { digest: _, repeats: _repeats, ...options }: StreamOptions & Pick<PipelineOptions, 'rank' | 'worldSize'>,
  images: Pick<Recipe, 'imageSize' | 'interpolation'>,
  signal: AbortSignal | undefined,
): Pipeline {
  return pipeline(dataset, { ...options, ...(signal && { signal }), shuffle: false }).pipe(
    ...evaluationSteps(images),
  );
}

/**
 * The share of it that one of several ranks evaluates: batch i is batch i x size + rank of a single one's. Undefined where there are
 * fewer batches than ranks, and none for this one.
 */
export function evaluationShare(
  dataset: Dataset,
  options: StreamOptions & Required<Pick<StreamOptions, 'batchSize'>>,
  images: Pick<Recipe, 'imageSize' | 'interpolation'>,
  signal: AbortSignal | undefined,
  { rank, size: worldSize }: { readonly rank: number; readonly size: number },
): Pipeline | undefined {
  if (rank * options.batchSize >= dataset.length) return undefined;
  return evaluationStream(dataset, { ...options, rank, worldSize }, images, signal);
}

/** Refuses the backend that makes batches without reading an image, where `what` is about images. */
export function refuseSynthetic(what: string, backend: StreamOptions['backend'] = 'cpu'): void {
  if (resolveBackendName(backend) !== 'synthetic') return;
  throw new ParameterError('INVALID_OPTION', `${what}: the data backend 'synthetic' reads no images`);
}
