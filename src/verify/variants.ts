import { randomFor } from '../core/random.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { rowsPerEpoch } from '../engine/order/sampling.ts';
import { pipeline } from '../pipeline.ts';
import { compareRanks, type RanksComparison } from './ranks/compare-ranks.ts';
import type { StreamSetting, StreamSource } from './stream-part.ts';
import { describePosition, positionsIn, type Window } from './windows.ts';

/** One way to make the stream. */
export interface StreamVariant {
  readonly name: string;
  /** More of it: where it was stopped. */
  readonly note?: string;
  /** Where another than the baseline's. */
  readonly dataset?: Dataset;
  /** Why it cannot be had here. */
  readonly skip?: string;
  /** For each window: what makes it, one after the other. */
  readonly parts: readonly (readonly WindowPart[])[];
  /** Of one that makes no stream: what it compares instead. */
  readonly compare?: (signal?: AbortSignal) => Promise<RanksComparison>;
}

/** A part of a window, and what makes it. */
export interface WindowPart {
  readonly setting: StreamSetting;
  readonly window: Window;
}

export const baseline: StreamSetting = { backend: 'cpu', workers: 1, prefetch: 2, chunkRows: 16, ranks: 1 };

export interface Matrix {
  readonly source: StreamSource;
  readonly windows: readonly Window[];
  readonly batchesPerEpoch: number;
  /** The most threads to try. */
  readonly workers: number;
  /** Whether the pipeline blends pairs of rows. */
  readonly isMixing: boolean;
  /** Whether to compare with the slow reference. */
  readonly hasReference: boolean;
  readonly gpu: GpuChoice | undefined;
  /** What starts ranks that train; undefined: none shall. */
  readonly launcher?: LauncherChoice | undefined;
  /** Datasets that must give the same stream. */
  readonly sameAs: readonly Dataset[];
}

/** A GPU to compare with, or why there is none. */
export type GpuChoice =
  | { readonly adapter: string | undefined; readonly name: string }
  | { readonly reasonNot: string };

/** The path of a program that starts ranks, or why there is none. */
export type LauncherChoice = { readonly path: string } | { readonly reasonNot: string };

/** All that must give the baseline's stream. */
export function variantsOf(matrix: Matrix): StreamVariant[] {
  return [
    ...threadVariants(matrix),
    ...backendVariants(matrix),
    ...resumeVariants(matrix),
    ...rankVariants(matrix),
    ...trainedVariants(matrix),
    ...matrix.sameAs.map((dataset) => ({
      ...whole(dataset.name, matrix, { workers: matrix.workers }),
      dataset,
    })),
  ];
}

function threadVariants(matrix: Matrix): StreamVariant[] {
  const { workers, source } = matrix;
  const counts = new Set([2, workers]);
  counts.delete(1);
  return [
    ...[...counts].map((count) => whole(`${count} workers`, matrix, { workers: count })),
    whole('no workers: the calling thread', matrix, { workers: 0 }),
    whole('2 workers, 2 rows at a time, prefetch 1', matrix, { workers: 2, chunkRows: 2, prefetch: 1 }),
    whole('2 workers, whole batches, prefetch 5', matrix, {
      ...{ workers: 2, prefetch: 5 },
      chunkRows: source.options.batchSize,
    }),
  ];
}

function backendVariants(matrix: Matrix): StreamVariant[] {
  const { hasReference, gpu, workers } = matrix;
  const variants: StreamVariant[] = [];
  if (hasReference) {
    // slow: the first batch of each window
    const windows = matrix.windows.map(({ from }) => ({ from, to: { ...from, batch: from.batch + 1 } }));
    const setting = { backend: 'reference', workers } as const;
    variants.push(whole('reference, some batches', { ...matrix, windows }, setting));
  }
  if (gpu !== undefined && 'reasonNot' in gpu) variants.push({ name: 'gpu', skip: gpu.reasonNot, parts: [] });
  else if (gpu !== undefined) {
    const { adapter, name } = gpu;
    const setting = {
      backend: 'gpu' as const,
      workers,
      ...(adapter !== undefined && { gpuAdapter: adapter }),
    };
    variants.push(whole(`gpu: ${name}`, matrix, setting));
  }
  return variants;
}

/** Streams that are stopped, and gone on with by others. */
function resumeVariants(matrix: Matrix): StreamVariant[] {
  const { workers } = matrix;
  return [
    stopped('1 worker, then 2', matrix, 0, [{}, { workers: 2, chunkRows: 4 }]),
    stopped(`${workers} workers, then none, then 1`, matrix, 1, [
      { workers, prefetch: 4 },
      { workers: 0 },
      { chunkRows: 2 },
    ]),
  ];
}

function rankVariants(matrix: Matrix): StreamVariant[] {
  const elastic = (counts: readonly number[], seed: number) => {
    const reason = counts.map((count) => reasonAgainst(count, matrix)).find((one) => one !== undefined);
    const name = `${counts.join(', then ')} ranks`;
    if (reason !== undefined) return { name, skip: reason, parts: [] };
    return stopped(
      name,
      matrix,
      seed,
      counts.map((ranks) => ({ ranks, workers: ranks % 4 === 0 ? 0 : 1 })),
    );
  };
  const ranks = (count: number) => {
    const name = `${count} ranks`;
    const reason = reasonAgainst(count, matrix);
    return reason === undefined ? whole(name, matrix, { ranks: count }) : { name, skip: reason, parts: [] };
  };
  return [ranks(2), ranks(4), elastic([1, 2, 4], 2), elastic([4, 1, 2], 3)];
}

function trainedVariants({ launcher }: Matrix): StreamVariant[] {
  if (launcher === undefined) return [];
  const name = 'weights of one training on 1, 2, 4 ranks';
  if ('reasonNot' in launcher) return [{ name, skip: launcher.reasonNot, parts: [] }];
  return [{ name, parts: [], compare: (signal) => compareRanks(launcher.path, signal) }];
}

/** Why the global batch cannot be made by so many ranks; undefined where it can. */
function reasonAgainst(
  ranks: number,
  { source: { options, dataset }, isMixing }: Matrix,
): string | undefined {
  const { batchSize, views = 1 } = options;
  if (batchSize % ranks !== 0) return `batches of ${batchSize} rows cannot be split in ${ranks}`;
  const rows = batchSize / ranks;
  if (isMixing && ranks > 1 && rows % 2 !== 0)
    return `mixing needs an even number of rows per rank, ${batchSize} / ${ranks} is ${rows}`;
  if (views > 1 && ranks > 1 && rows % (2 * views) !== 0)
    return `${views} views need a multiple of ${2 * views} rows per rank, ${batchSize} / ${ranks} is ${rows}`;
  const length = pipeline(dataset, options).samplesPerEpoch as number;
  const hasRows = options.dropLast || Math.ceil(rowsPerEpoch({ length, views }) / rows) >= ranks;
  return hasRows ? undefined : `${length} samples are not enough for ${ranks} ranks of ${rows} rows`;
}

function whole(name: string, { windows }: Matrix, setting: Partial<StreamSetting>): StreamVariant {
  return { name, parts: windows.map((window) => [{ setting: { ...baseline, ...setting }, window }]) };
}

/** Each window in as many parts as there are settings, cut where chance will have it: which depends on the seed. */
function stopped(
  what: string,
  matrix: Matrix,
  number: number,
  settings: readonly Partial<StreamSetting>[],
): StreamVariant {
  const { windows, batchesPerEpoch, source } = matrix;
  const rng = randomFor(source.options.seed ?? 0, 0, number, 0, 'verify');
  const places: string[] = [];
  const parts = windows.map((window) => {
    const inside = positionsIn(window, batchesPerEpoch).slice(1);
    const count = Math.min(settings.length - 1, inside.length);
    const stops = chooseInOrder(inside, count, (bound) => rng.integer(bound));
    places.push(...stops.map(describePosition));
    const ends = [...stops, window.to];
    return ends.map((to, i) => ({
      setting: { ...baseline, ...settings[i] },
      window: { from: i === 0 ? window.from : (stops[i - 1] as Window['from']), to },
    }));
  });
  return { name: what, parts, ...(places.length > 0 && { note: `stopped before ${places.join('; ')}` }) };
}

/** So many of the items, in their order. */
function chooseInOrder<T>(items: readonly T[], count: number, below: (bound: number) => number): T[] {
  const chosen: T[] = [];
  for (const [i, item] of items.entries())
    if (below(items.length - i) < count - chosen.length) chosen.push(item);
  return chosen;
}

/** Batches of an epoch of the whole stream. */
export const countBatches = ({ dataset, options }: StreamSource): number =>
  pipeline(dataset, options).batchesPerEpoch as number;
