import type { TaskPool } from '../../../backends/threads/task-pool.ts';
import { ThreadPool } from '../../../backends/threads/thread-pool.ts';
import { isMillraceThread } from '../../../backends/threads/thread-task.ts';
import { type ErrorRecord, fromErrorRecord, ParameterError } from '../../core/errors.ts';
import type { Size, TensorFormat } from '../../core/image.ts';
import { sampleError } from '../../core/sample-error.ts';
import type { Dataset, ReaderDescription } from '../../datasets/dataset.ts';
import { memoryReader } from '../../datasets/memory/images.ts';
import { isLiveSource } from '../../datasets/memory/live.ts';
import { locateSample } from '../../datasets/sample.ts';
import { SampleReader } from '../../datasets/sample-reader.ts';
import {
  type BatchRequest,
  datasetFeed,
  type Feed,
  liveFeed,
  type RowRequest,
  requestRow,
} from '../order/feed.ts';
import type { PipelineSource } from '../order/pipeline-source.ts';
import type { SamplingOptions } from '../order/sampling.ts';
import { BadSampleCount, standIn } from '../order/substitution.ts';
import { examplePrograms } from '../plan/examples.ts';
import type { ResolvedOptions } from '../plan/options.ts';
import { decodeOptions, fixedSize, imageSteps, type Plan, tensorFormat } from '../plan/plan.ts';
import { drawProgram } from '../plan/program.ts';
import { Quarantine } from '../quarantine/quarantine.ts';
import { sourceSize } from '../rows/decode-source.ts';
import { checksumsOf } from '../rows/file-decoder.ts';
import type { Task, TaskResult, ThreadSetup } from '../rows/task.ts';
import { type BatchMemory, HostBatchMemory } from '../slots/batch-memory.ts';
import { SlotRing } from '../slots/slots.ts';
import { inlinePool } from './inline-pool.ts';
import { rowMixes } from './row-mixes.ts';
import { BatchRun, type StreamRun } from './run.ts';
import { SyntheticRun } from './synthetic.ts';

/**
 * Opens everything that one subscription needs.
 *
 * @param sampling what stands where; undefined of a live source
 */
export async function openRun(
  source: PipelineSource,
  plan: Plan,
  options: ResolvedOptions,
  sampling: SamplingOptions | undefined,
): Promise<StreamRun> {
  refuseInsideThread();
  const { batchSize, seed, workers, digest, recordDraws, onError } = options;
  const size = fixedSize(plan) ?? (await probeSize(source, plan, seed));
  const format = tensorFormat(plan);
  if (options.backend === 'synthetic')
    return new SyntheticRun(() => openFeed(source, options, sampling), batchSize, size, format, seed);

  const quarantine = openQuarantine(source, options);
  const memory = await openMemory(plan, options, size, format);
  const setup: ThreadSetup = {
    backend: options.backend,
    reader: readerOf(source),
    decode: decodeOptions(plan),
    imageSteps: plan.image.map((step) => step.description),
    eraseStep: plan.erase?.description,
    eraseAfterStep: plan.eraseAfter?.description,
    format,
    seed,
    size,
    slots: memory.slots,
    checksums: openChecksums(source, options),
    recordDraws,
    digest,
  };
  return new BatchRun({
    // after the memory: where it is short, a live source must not be left subscribed to
    feed: openFeed(source, options, sampling),
    ring: new SlotRing(memory.slots.length),
    memory,
    size,
    format,
    chunkRows: evenChunk(options),
    workers,
    openPool: () => openPool(options, setup),
    mixes: rowMixes(plan, seed, size),
    onError,
    badSamples: new BadSampleCount(options.maxBad, sampling?.length ?? 0, options.quarantine),
    quarantine,
    standIn: (request, row, attempt) =>
      standInRow(source as Dataset, sampling as SamplingOptions, request, row, attempt),
    recordDraws,
    digest,
    digestSoFar: options.start.digest ?? '',
  });
}

/** A thread imports the modules of operators: a script that both declares one and runs a pipeline would run it again. */
function refuseInsideThread(): void {
  if (!isMillraceThread()) return;
  throw new ParameterError(
    'PIPELINE_IN_THREAD',
    'a pipeline was started by a module that a worker thread imports for its operator or reader: declare them in a ' +
      'module of their own, apart from the script that runs the pipeline (docs/your-own-operator.md); a bundler must ' +
      'leave it a file of its own (docs/pipelines.md, "Bundlers")',
  );
}

async function openMemory(
  plan: Plan,
  { backend, batchSize, prefetch, gpuAdapter, seed }: ResolvedOptions,
  size: Size,
  format: TensorFormat,
): Promise<BatchMemory> {
  const slots = prefetch + 1;
  if (backend !== 'gpu') return new HostBatchMemory(slots, batchSize, size, format);
  const examples = examplePrograms(imageSteps(plan), seed);
  const { GpuBatchMemory } = await import('../slots/gpu-memory.ts');
  return GpuBatchMemory.open({ slots, batchSize, size, format, adapter: gpuAdapter, examples });
}

function openPool(
  { workers, sampleTimeoutMs }: ResolvedOptions,
  setup: ThreadSetup,
): TaskPool<Task, TaskResult> {
  if (workers === 0) return inlinePool(setup);
  return new ThreadPool<Task, TaskResult>({
    worker: new URL('../rows/worker.js', import.meta.url),
    threads: workers,
    setup,
    itemTimeoutMs: sampleTimeoutMs,
    nameOf: ({ rows }, item) => (rows[item] as RowRequest).key,
  });
}

function openFeed(
  source: PipelineSource,
  { batchSize, dropLast, epochs, start }: ResolvedOptions,
  sampling: SamplingOptions | undefined,
): Feed {
  if (isLiveSource(source)) return liveFeed(source.open(), batchSize, dropLast);
  return datasetFeed(source, sampling as SamplingOptions, epochs, start);
}

function openChecksums(
  source: PipelineSource,
  { epochs, start, repeats, views, sampler }: ResolvedOptions,
): SharedArrayBuffer | undefined {
  const isSeenAgain = sampler !== undefined || (epochs - start.epoch) * repeats * views > 1;
  return isSeenAgain && !isLiveSource(source) ? checksumsOf(source.length) : undefined;
}

function openQuarantine(source: PipelineSource, { quarantine }: ResolvedOptions): Quarantine | undefined {
  // a live source has no stand-ins, so nothing is replaced
  if (quarantine === undefined || isLiveSource(source)) return undefined;
  return new Quarantine(quarantine, source);
}

function readerOf(source: PipelineSource): ReaderDescription {
  return isLiveSource(source) ? memoryReader : source.reader;
}

function standInRow(
  dataset: Dataset,
  sampling: SamplingOptions,
  { epoch, firstPosition, rows }: BatchRequest,
  row: number,
  attempt: number,
): RowRequest {
  // all rows of a sample get the same one
  const { occurrence, samplePosition = firstPosition + row } = rows[row] as RowRequest;
  const id = standIn(sampling, epoch, samplePosition, attempt);
  return { ...requestRow(dataset, row, id), ...(occurrence !== undefined && { occurrence }) };
}

/** Small batches are split finer, so that every thread has work. Even, so that pairs that are mixed stay together. */
function evenChunk({ chunkRows, batchSize, workers }: ResolvedOptions): number {
  const share = Math.ceil(batchSize / Math.max(1, workers));
  return Math.max(2, Math.ceil(Math.min(chunkRows, share) / 2) * 2);
}

const PROBES = 100;

/** Where no step fixes the size of the rows, it is that of the first sample that can be read. */
async function probeSize(source: PipelineSource, plan: Plan, seed: number): Promise<Size> {
  if (isLiveSource(source)) {
    const advice = 'add randomResizedCrop(size), or resize({ width, height }), to the pipeline';
    throw new ParameterError(
      'UNKNOWN_SIZE',
      `${source.name}: nothing fixes the size of the images; ${advice}`,
    );
  }
  const reader = await SampleReader.open(source.reader);
  try {
    let first: ErrorRecord | undefined;
    for (let id = 0; id < Math.min(PROBES, source.length); id++) {
      const sample = locateSample(source, id);
      try {
        const size = sourceSize(await reader.read(sample), decodeOptions(plan));
        return drawProgram(imageSteps(plan), size, { seed, epoch: 0, sampleId: id, key: sample.key }).size;
      } catch (cause) {
        const failure = sampleError(cause, sample);
        first ??= failure;
        if (failure.class !== 'DataError') throw fromErrorRecord(failure);
      }
    }
    throw fromErrorRecord(first as ErrorRecord);
  } finally {
    await reader.close();
  }
}
