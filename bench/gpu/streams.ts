import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stageNames } from '../../src/engine/rows/task.ts';
import { interleave, markdownTable, summarize } from '../measure.ts';
import type { StreamFigures } from './stream-process.ts';

/** A pipeline to measure. */
export interface Stream {
  readonly backend: 'gpu' | 'cpu';
  readonly source: 'memory' | 'folder' | 'store';
  /** Of the folder or the store. */
  readonly path: string;
}

export interface StreamOptions {
  readonly batchSize: number;
  readonly workers: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly policy: string;
  readonly interpolation: string;
  readonly gpuAdapter: string | undefined;
}

export type MeasuredStreams = ReadonlyMap<Stream, readonly StreamFigures[]>;

/** Measures all streams in turn, each as a process of its own. */
export function measureStreams(streams: readonly Stream[], options: StreamOptions): Promise<MeasuredStreams> {
  return interleave(streams, options.rounds, async (stream, round) => {
    const figures = await measureStream(stream, options);
    const speed = `${imagesPerSecond(figures).toFixed(0)} images/s`;
    process.stderr.write(`round ${round + 1}: ${stream.source}, ${stream.backend}: ${speed}\n`);
    return figures;
  });
}

async function measureStream(
  { backend, source, path }: Stream,
  options: StreamOptions,
): Promise<StreamFigures> {
  const { batchSize, workers, seconds, policy, interpolation, gpuAdapter } = options;
  const script = fileURLToPath(new URL('stream-process.js', import.meta.url));
  const own = { backend, source, policy, interpolation, seconds, workers, 'batch-size': batchSize };
  const adapter = gpuAdapter === undefined ? {} : { 'gpu-adapter': gpuAdapter };
  const flags = Object.entries({ ...own, ...adapter }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  const { stdout } = await promisify(execFile)(process.execPath, [script, path, ...flags]);
  return JSON.parse(stdout) as StreamFigures;
}

const imagesPerSecond = ({ images, load }: StreamFigures): number => (1000 * images) / load.wallMs;

/** Images per second, and who was busy for how long to make a batch. `gpuMsPerBatch`: what a batch takes on the device. */
export function streamTable(measured: MeasuredStreams, gpuMsPerBatch: number): string {
  const header = [
    ...['source', 'backend', 'images/s', 'min..max', 'a batch: ms', 'a thread', 'calling thread', 'GPU'],
    ...['threads busy', 'GPU busy', 'GPU waited for'],
  ];
  const rows = [...measured].map(([{ source, backend }, runs]) => {
    const median = (of: (figures: StreamFigures) => number) => summarize(runs.map(of)).median;
    const { median: speed, min, max } = summarize(runs.map(imagesPerSecond));
    const wallMs = median(({ load, batches }) => load.wallMs / batches);
    const threadMs = median(({ load, batches }) => load.busyMs / Math.max(1, load.workers) / batches);
    const callingMs = median(({ load, batches }) => load.callingMs / batches);
    const waitedMs = median(({ load, batches }) => load.deviceMs / batches);
    const onGpu = (cell: string) => (backend === 'gpu' ? cell : '');
    return [
      ...[source, backend, speed.toFixed(0), `${min.toFixed(0)}..${max.toFixed(0)}`],
      ...[wallMs, threadMs, callingMs].map((ms) => ms.toFixed(1)),
      ...[onGpu(gpuMsPerBatch.toFixed(1)), percent(threadMs / wallMs)],
      ...[onGpu(percent(gpuMsPerBatch / wallMs)), onGpu(percent(waitedMs / wallMs))],
    ];
  });
  return markdownTable(header, rows);
}

/** Milliseconds an image: processor time by threads, and what the threads that prepare rows spend it on. */
export function processorTable(measured: MeasuredStreams): string {
  const groups = ['calling', 'workers', 'driver', 'node'] as const;
  const stages = [...stageNames, 'other'] as const;
  const rows = [...measured].map(([{ source, backend }, runs]) => {
    const median = (of: (figures: StreamFigures) => number) =>
      summarize(runs.map((figures) => of(figures) / figures.images)).median.toFixed(3);
    const total = median(({ processorMs }) => processorMs);
    const byThreads = groups.map((group) =>
      runs[0]?.threads === undefined ? '' : median(({ threads }) => threads?.[group] ?? 0),
    );
    const byStages = stages.map((stage) =>
      median(({ load }) => (stage === 'other' ? otherMs(load) : load.stages[stage])),
    );
    return [source, backend, total, ...byThreads, ...byStages];
  });
  const header = ['source', 'backend', 'CPU ms/image', ...groups.map((group) => `of it ${group}`), ...stages];
  return markdownTable(header, rows);
}

const otherMs = ({ busyMs, stages }: StreamFigures['load']): number =>
  busyMs - stageNames.reduce((sum, stage) => sum + stages[stage], 0);

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
