import { DEFAULT_MAX_PIXELS } from '../../../backends/decode/decode.ts';
import { runDespiteLosses } from '../../../backends/threads/retry.ts';
import { ThreadPool } from '../../../backends/threads/thread-pool.ts';
import type { RowLabels } from '../../core/multi-labels.ts';
import { type Dataset, DatasetHash, type SampleIdentity, samplesOf } from '../dataset.ts';
import type { ImportSample, ImportSetup, ImportTask, NewRecord } from './import-task.ts';
import { formatOf, type ImportProgress, type Reduction, type StoreDescription } from './metadata.ts';
import { entryReader, storeVariant } from './store.ts';
import { type NewSample, otherDataset, StoreWriter } from './store-writer.ts';

export interface ImportOptions {
  /** Make images smaller and encode them anew. Default: all stay as they are. */
  readonly reduction?: Reduction;
  /** Threads, 1 or more. */
  readonly workers: number;
  /** Larger images are stored as they came, and not decoded. Default: the limit of `decode`. */
  readonly maxPixels?: number;
  readonly signal?: AbortSignal;
  /** Called after each transaction; first with what an earlier import left. */
  onProgress?(progress: ImportProgress): void;
}

export interface ImportReport extends ImportProgress {
  /** Samples that an import before this one had written. */
  readonly alreadyThere: number;
  readonly digest: string;
}

/**
 * Writes a dataset into a store, in order. Where an earlier import of the same dataset was interrupted, goes on after
 * the last sample that it wrote. Throws DataError where the store is of something else or in use, OutputError where it
 * cannot be written; what was written stays.
 */
export async function importDataset(
  dataset: Dataset,
  path: string,
  options: ImportOptions,
): Promise<ImportReport> {
  const description = describe(dataset, options.reduction);
  const writer = await StoreWriter.open(path, description);
  try {
    const alreadyThere = writer.progress.imported;
    const hash = await hashImported(dataset, writer, path, options.signal);
    options.onProgress?.(writer.progress);
    if (alreadyThere < dataset.length) await importFrom(alreadyThere, dataset, writer, hash, options);
    const digest = hash.digest(storeVariant(description));
    if (writer.progress.digest !== digest) await writer.finish(digest);
    return { ...writer.progress, alreadyThere, digest };
  } finally {
    await writer.close();
  }
}

function describe(dataset: Dataset, reduction: Reduction | undefined): StoreDescription {
  const lists = dataset.labels === undefined ? {} : { hasLabelLists: true };
  return {
    format: formatOf(lists),
    source: dataset.name,
    classes: dataset.classes,
    ...lists,
    length: dataset.length,
    ...(reduction !== undefined && { reduction }),
    ...(dataset.variant !== undefined && { sourceVariant: dataset.variant }),
  };
}

const SAMPLES_A_RENEWAL = 10_000;

/** Checks that what is in the store is how the dataset begins, and begins the digest with it. */
async function hashImported(
  dataset: Dataset,
  writer: StoreWriter,
  path: string,
  signal: AbortSignal | undefined,
): Promise<DatasetHash> {
  const hash = new DatasetHash();
  const entry = entryReader(writer.environment.entries, path, dataset.labels !== undefined);
  const { imported } = writer.progress;
  let index = 0;
  for await (const sample of samplesOf(dataset, 0, Math.min(imported, dataset.length))) {
    if (index % SAMPLES_A_RENEWAL === 0) writer.renewLock();
    signal?.throwIfAborted();
    const { key, byteLength, ...of } = entry(index);
    const [there, now] = [classesInWords(of), classesInWords(sample)];
    if (key !== sample.key || there !== now || byteLength !== sample.byteLength)
      throw otherDataset(
        path,
        `sample ${index}: ${key} of ${there} and ${byteLength} bytes in the store, ` +
          `${sample.key} of ${now} and ${sample.byteLength} bytes now`,
      );
    hash.add(sample);
    index++;
  }
  return hash;
}

const classesInWords = ({ label, labels }: RowLabels): string =>
  labels === undefined ? `class ${label}` : `classes [${labels.join(', ')}]`;

async function importFrom(
  first: number,
  dataset: Dataset,
  writer: StoreWriter,
  hash: DatasetHash,
  { workers, reduction, maxPixels = DEFAULT_MAX_PIXELS, signal, onProgress }: ImportOptions,
): Promise<void> {
  const setup: ImportSetup = { reader: dataset.reader, reduction, maxPixels };
  const pool = new ThreadPool<ImportTask, NewRecord[]>({
    worker: new URL('./import-worker.js', import.meta.url),
    threads: workers,
    setup,
    itemTimeoutMs: IMPORT_TIMEOUT_MS,
    nameOf: ({ samples }, item) => (samples[item] as ImportSample).key,
  });
  const ahead: Promise<NewSample[]>[] = [];
  const writeFirst = async () => {
    const samples = await (ahead.shift() as Promise<NewSample[]>);
    signal?.throwIfAborted();
    writer.append(samples);
    for (const sample of samples) hash.add(sample);
    onProgress?.(writer.progress);
  };
  try {
    for await (const chunk of chunksOf(dataset, first)) {
      signal?.throwIfAborted();
      const samples = makeRecords(pool, dataset, chunk);
      // looked at when its turn comes
      samples.catch(() => {});
      ahead.push(samples);
      if (ahead.length > workers * TASKS_AHEAD) await writeFirst();
    }
    while (ahead.length > 0) await writeFirst();
  } finally {
    await pool.close();
  }
}

// Tasks a thread that are ready or in the making while the first of them is written.
const TASKS_AHEAD = 3;
const MAX_SAMPLES = 256;
const MAX_BYTES = 2 ** 21;
// The largest images take seconds; a share of files that is slow to answer may take longer.
const IMPORT_TIMEOUT_MS = 600_000;

interface Chunk {
  readonly first: number;
  readonly samples: readonly SampleIdentity[];
}

/** Neighbouring samples that one thread takes at once and one transaction writes. */
async function* chunksOf(dataset: Dataset, from: number): AsyncGenerator<Chunk> {
  let samples: SampleIdentity[] = [];
  let first = from;
  let bytes = 0;
  for await (const sample of samplesOf(dataset, from)) {
    samples.push(sample);
    bytes += sample.byteLength;
    if (samples.length < MAX_SAMPLES && bytes < MAX_BYTES) continue;
    yield { first, samples };
    first += samples.length;
    samples = [];
    bytes = 0;
  }
  if (samples.length > 0) yield { first, samples };
}

async function makeRecords(
  pool: ThreadPool<ImportTask, NewRecord[]>,
  dataset: Dataset,
  { first, samples }: Chunk,
): Promise<NewSample[]> {
  const planned = samples.map(({ key, label }, i) => ({ key, label, locator: dataset.locator(first + i) }));
  const { result: records, bad } = await runDespiteLosses(planned, (some) => pool.run({ samples: some }));
  // a sample without a record has no place in a store
  for (const error of bad.values()) throw error;
  return (records as NewRecord[]).map(({ record, ...made }, i) => ({
    ...(samples[i] as SampleIdentity),
    ...made,
    record: Buffer.from(record.buffer, record.byteOffset, record.byteLength),
  }));
}
