import { inspect } from 'node:util';
import { ParameterError } from '../../core/errors.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { isLiveSource, type LiveSource } from '../../datasets/memory/live.ts';
import type { PipelineSource } from '../order/pipeline-source.ts';
import { checkBlendedConstants } from './blended-constants.ts';
import type { PipelineOptions, ResolvedOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** Refuses options that do not go together with the source or the steps. */
export function checkCombination(source: PipelineSource, options: ResolvedOptions, plan: Plan): void {
  const { batchSize, worldSize } = options;
  if (plan.batch !== undefined && worldSize > 1 && batchSize % 2 === 1) {
    const name = plan.batch.description.name;
    const reason = 'so that the pairs of rows it blends lie on one rank';
    throw invalid(`${name}: batchSize must be even with worldSize > 1, ${reason}, got ${batchSize}`);
  }
  checkCopies(options, plan);
  checkBlendedConstants(plan);
  if (isLiveSource(source)) checkCapacity(source, batchSize);
  else checkLength(source);
}

/** Refuses batches that would have a part of a sample's rows. */
function checkCopies({ batchSize, worldSize, repeats, views }: ResolvedOptions, { batch }: Plan): void {
  if (repeats > 1 && views > 1)
    throw invalid(`repeats and views both ask for several rows of a sample: got ${repeats} and ${views}`);
  const global = batchSize * worldSize;
  const rows = `${batchSize}${worldSize === 1 ? '' : ` x ${worldSize} ranks`}`;
  if (global % repeats !== 0)
    throw invalid(
      `batchSize must make global batches of a multiple of repeats, ${repeats} rows, got ${rows} (--ra-reps, --batch-size)`,
    );
  const copies = repeats > 1 ? `${repeats} repeats (--ra-reps)` : `${views} views`;
  if (batch !== undefined && repeats * views > 1 && global === repeats * views)
    throw invalid(
      `${batch.description.name}: a batch must have other samples to mix with than the ${copies} of one, got ${rows} rows`,
    );
  const block = worldSize === 1 ? views : 2 * views;
  if (views === 1 || batchSize % block === 0) return;
  const multiple = worldSize === 1 ? 'views' : 'twice the views, so that ranks part no sample';
  throw invalid(`batchSize must be a multiple of ${multiple}, ${block} rows, got ${batchSize}`);
}

/** What an option asks for that only a dataset has, where it is given. */
const needsDataset: Readonly<
  Partial<Record<keyof PipelineOptions, (options: PipelineOptions) => string | undefined>>
> = {
  epochs: ({ epochs = 1 }) => (epochs === 1 ? undefined : `${epochs} passes over the samples`),
  shuffle: ({ shuffle }) => (shuffle ? 'an order' : undefined),
  worldSize: ({ worldSize = 1 }) => (worldSize === 1 ? undefined : 'an order that all ranks know'),
  start: ({ start: { epoch, batch } = { epoch: 0, batch: 0 } }) =>
    epoch === 0 && batch === 0 ? undefined : 'samples that can be read again',
  sampler: ({ sampler }) => (sampler === undefined ? undefined : 'samples to choose from'),
  repeats: ({ repeats = 1 }) => (repeats === 1 ? undefined : 'samples that can be read again'),
  views: ({ views = 1 }) => (views === 1 ? undefined : 'samples that can be read again'),
  onError: ({ onError }) => (onError === 'substitute' ? 'samples to take stand-ins from' : undefined),
};

/** Of the options as they are given: `shuffle` is true by default, and means nothing here. */
export function checkGiven(source: PipelineSource, options: PipelineOptions): void {
  if (!isLiveSource(source)) return;
  for (const [name, need] of Object.entries(needsDataset)) {
    const what = need(options);
    if (what === undefined) continue;
    const given = inspect(options[name as keyof PipelineOptions]);
    throw invalid(
      `${source.name}: ${name} asks for ${what}, which a live source does not have, got ${given}`,
    );
  }
}

function checkCapacity({ name, capacity }: LiveSource, batchSize: number): void {
  if (capacity >= batchSize) return;
  throw invalid(`${name}: capacity ${capacity} is smaller than batchSize ${batchSize}`);
}

function checkLength({ name, length }: Dataset): void {
  if (Number.isInteger(length) && length > 0) return;
  throw new ParameterError('EMPTY_DATASET', `${name}: length must be an integer >= 1, got ${length}`);
}

const invalid = (message: string): ParameterError => new ParameterError('INVALID_OPTION', message);
