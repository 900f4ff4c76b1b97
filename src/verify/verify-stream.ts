import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { BackendError, ParameterError, reasonOf } from '../core/errors.ts';
import { describeStep, isStep, type Step } from '../core/step.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { Identity } from '../engine/plan/identity.ts';
import { pipeline } from '../pipeline.ts';
import { compareDatasets } from './compare-datasets.ts';
import { checkVerifyOptions, type VerifyOptions } from './options.ts';
import { findLauncher } from './ranks/find-launcher.ts';
import { runVariant } from './run-variant.ts';
import type { StreamBatch } from './stream-batch.ts';
import { type StreamSource, streamPart } from './stream-part.ts';
import type { VariantResult } from './variant-result.ts';
import {
  baseline,
  countBatches,
  type GpuChoice,
  type LauncherChoice,
  type Matrix,
  type StreamVariant,
  variantsOf,
} from './variants.ts';
import { type Window, windowsOf } from './windows.ts';

export interface StreamVerdict {
  /** Whether no variant failed. */
  readonly isOneStream: boolean;
  readonly identity: Identity;
  /** Of all that was compared, in hex. */
  readonly streamDigest: string;
  /** What of the stream was compared, and the rolling digest at the end of each part. */
  readonly parts: readonly (Window & { readonly digest: string })[];
  /** Of the baseline: all others are compared with these. */
  readonly rows: number;
  readonly results: readonly VariantResult[];
}

/**
 * Makes the stream of a dataset and steps in many ways (numbers of workers, backends, chunk and prefetch sizes, stops and
 * resumptions, ranks) and compares it row by row. Where two differ, says in which row, and which operator and kernel
 * come out differently.
 */
export async function verifyStream(
  dataset: Dataset,
  steps: readonly Step[],
  options: VerifyOptions = {},
): Promise<StreamVerdict> {
  const {
    batches = 4,
    workers = availableParallelism(),
    backends,
    gpuAdapter,
    ranks = false,
    sameAs = [],
    onResult,
  } = options;
  checkVerifyOptions({ ...options, batches, workers });
  if (!Array.isArray(steps) || !steps.every(isStep))
    throw new ParameterError('NOT_AN_OPERATOR', 'verifyStream: expected a list of steps, [autoAugment()]');
  const source = { dataset, steps, options: streamOptions(options) };
  const identity = await pipeline(dataset, source.options)
    .pipe(...steps)
    .identity();
  const batchesPerEpoch = countBatches(source);
  const windows = windowsOf(batchesPerEpoch, batches);
  const matrix: Matrix = {
    ...{ source, windows, batchesPerEpoch, workers, sameAs },
    isMixing: steps.some((step) => step[describeStep].phase === 'batch'),
    hasReference: backends?.includes('reference') ?? true,
    gpu: await chooseGpu(backends, gpuAdapter),
    launcher: ranks ? chooseLauncher() : undefined,
  };
  const chosen = chooseVariants(matrix, options.only);
  const expected = await makeBaseline(source, windows);
  const dangerous = dangerousSample(expected.flat());
  const variants = chosen.map((variant) => withoutDanger(variant, dangerous));
  const rows = expected.flat().reduce((sum, batch) => sum + batch.rows.length, 0);
  const results: VariantResult[] = [];
  const report = (result: VariantResult) => {
    results.push(result);
    onResult?.(result);
  };
  report({ name: 'cpu, 1 worker', status: 'baseline', rows });
  for (const variant of variants) report(await check(source, variant, expected));
  const parts = windows.map((window, i) => ({ ...window, digest: expected[i]?.at(-1)?.digest as string }));
  return {
    isOneStream: results.every(({ status }) => status !== 'fail'),
    identity,
    streamDigest: createHash('sha256')
      .update(parts.map(({ digest }) => digest).join())
      .digest('hex'),
    parts,
    rows,
    results,
  };
}

function chooseVariants(matrix: Matrix, only = ''): readonly StreamVariant[] {
  const variants = variantsOf(matrix);
  const chosen = variants.filter(({ name }) => name.includes(only));
  if (chosen.length > 0) return chosen;
  const names = variants.map(({ name }) => `\n  ${name}`).join('');
  throw new ParameterError('UNKNOWN_VARIANT', `verify: no variant has '${only}' in its name:${names}`);
}

/** The key of a sample that costs threads, where there is one. */
function dangerousSample(batches: readonly StreamBatch[]): string | undefined {
  const ofThreads = ['WORKER_DIED', 'TIMED_OUT'];
  return batches.flatMap((batch) => batch.substitutions).find(({ code }) => ofThreads.includes(code))?.key;
}

/** On the calling thread, which nothing could end, such a sample would end or stop all of it. */
function withoutDanger(variant: StreamVariant, dangerous: string | undefined): StreamVariant {
  const isOnCallingThread = variant.parts.flat().some(({ setting }) => setting.workers === 0);
  if (dangerous === undefined || !isOnCallingThread) return variant;
  const skip = `${dangerous} ends or holds its thread: it cannot be tried on the calling one`;
  return { name: variant.name, skip, parts: [] };
}

/** Defaults are the pipeline's. */
function streamOptions(options: VerifyOptions): StreamSource['options'] {
  const { batchSize = 32, seed, shuffle, dropLast, repeats, views, sampler } = options;
  const { onError, maxBad, sampleTimeoutMs, signal } = options;
  const order = { seed, shuffle, dropLast, repeats, views, sampler };
  const given = Object.entries({ ...order, onError, maxBad, sampleTimeoutMs, signal });
  return { batchSize, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
}

async function chooseGpu(
  backends: VerifyOptions['backends'],
  adapter: string | undefined,
): Promise<GpuChoice | undefined> {
  if (backends !== undefined && !backends.includes('gpu')) return undefined;
  const found = await lookForGpu(adapter);
  if ('name' in found || (backends === undefined && adapter === undefined)) return found;
  throw new BackendError('NO_ADAPTER', `gpu: ${found.reasonNot}`);
}

async function lookForGpu(adapter: string | undefined): Promise<GpuChoice> {
  try {
    const { adapterAdvice, findAdapter } = await import('../../backends/gpu/device/adapter.ts');
    const found = await findAdapter(adapter);
    if (found !== undefined) return { adapter, name: found.description.name };
    return { reasonNot: `no adapter found; ${adapterAdvice()}` };
  } catch (error) {
    return { reasonNot: reasonOf(error) };
  }
}

function chooseLauncher(): LauncherChoice {
  const path = findLauncher(process.env);
  if (path !== undefined) return { path };
  return { reasonNot: 'no mpirun in PATH: apt-get install openmpi-bin, or pip install mpich' };
}

async function makeBaseline(source: StreamSource, windows: readonly Window[]): Promise<StreamBatch[][]> {
  const made: StreamBatch[][] = [];
  for (const window of windows) {
    const batches: StreamBatch[] = [];
    for await (const batch of streamPart(source, baseline, window)) batches.push(batch);
    made.push(batches);
  }
  return made;
}

async function check(
  source: StreamSource,
  variant: StreamVariant,
  expected: readonly (readonly StreamBatch[])[],
): Promise<VariantResult> {
  const { skip, dataset, note, compare } = variant;
  const name = {
    name: variant.name,
    ...(note !== undefined && { note }),
    ...(compare !== undefined && { compares: 'weights' as const }),
  };
  if (skip !== undefined) return { ...name, status: 'skip', rows: 0, note: skip };
  const otherDataset = dataset && (await compareDatasets(source.dataset, dataset));
  if (otherDataset) return { ...name, status: 'fail', rows: 0, difference: otherDataset };
  const comparison = await (compare?.(source.options.signal) ?? runVariant(source, variant, expected));
  if ('skip' in comparison) return { ...name, status: 'skip', rows: 0, note: comparison.skip };
  const { rows, difference } = comparison;
  return difference ? { ...name, status: 'fail', rows, difference } : { ...name, status: 'pass', rows };
}
