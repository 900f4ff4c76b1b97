import { runDespiteLosses, SAMPLE_TIMEOUT_MS } from '../../backends/threads/retry.ts';
import { ThreadPool } from '../../backends/threads/thread-pool.ts';
import { toErrorRecord } from '../core/errors.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { isOfSplit } from '../engine/quarantine/excluded.ts';
import type { QuarantineRecord } from '../engine/quarantine/record.ts';
import type { RecheckResult, RecheckSetup, RecheckTask } from './recheck-task.ts';

/** 'untried': reads and decodes, as it did when an operator refused it. 'gone': the data have no such sample. */
export type Verdict = 'good' | 'bad' | 'untried' | 'gone';

export interface Rechecked {
  readonly record: QuarantineRecord;
  readonly verdict: Verdict;
  /** Of a bad one: what is wrong with it now. */
  readonly failure?: Pick<NonNullable<RecheckResult>, 'code' | 'message'>;
}

export interface RecheckOptions {
  /** Threads, 1 or more. */
  readonly workers: number;
  readonly signal?: AbortSignal;
  /** Called after each sample with how many are done. */
  onProgress?(done: number): void;
}

/** Reads and decodes the samples again, as a run would. Verdicts come in the order of the records. */
export async function recheck(
  records: readonly QuarantineRecord[],
  datasets: readonly Dataset[],
  options: RecheckOptions,
): Promise<Rechecked[]> {
  const verdicts = new Map<QuarantineRecord, Rechecked>();
  const take = (rechecked: Rechecked) => {
    verdicts.set(rechecked.record, rechecked);
    options.onProgress?.(verdicts.size);
  };
  for (const dataset of datasets) {
    // a signal that was aborted already tells nobody
    options.signal?.throwIfAborted();
    const left = records.filter((record) => !verdicts.has(record) && isOfSplit(record, dataset));
    await recheckIn(dataset, left, options, take);
  }
  return records.map((record) => verdicts.get(record) ?? { record, verdict: 'gone' });
}

interface Sample {
  readonly record: QuarantineRecord;
  readonly task: RecheckTask;
}

/** Tries the samples on threads; one that takes its thread with it, twice, is bad as in a run. */
async function recheckIn(
  dataset: Dataset,
  records: readonly QuarantineRecord[],
  { workers, signal }: RecheckOptions,
  take: (rechecked: Rechecked) => void,
): Promise<void> {
  const samples = findIn(dataset, records);
  if (samples.length === 0) return;
  const pool = openPool(dataset, Math.min(workers, samples.length));
  const stop = () => void pool.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await Promise.all(
      samples.map(async ({ record, task }) => {
        const { result, bad } = await runDespiteLosses([task], () => pool.run(task));
        const error = bad.get(task);
        take(judge(record, error === undefined ? result : toErrorRecord(error)));
      }),
    );
  } finally {
    signal?.removeEventListener('abort', stop);
    await pool.close();
    signal?.throwIfAborted();
  }
}

function openPool({ reader }: Dataset, threads: number): ThreadPool<RecheckTask, RecheckResult> {
  const setup: RecheckSetup = { reader };
  return new ThreadPool({
    worker: new URL('./recheck-worker.js', import.meta.url),
    threads,
    setup,
    itemTimeoutMs: SAMPLE_TIMEOUT_MS,
    nameOf: ({ key }) => key,
  });
}

function findIn(dataset: Dataset, records: readonly QuarantineRecord[]): Sample[] {
  const wanted = new Set(records.map(({ key }) => key));
  const locators = new Map<string, unknown>();
  for (let index = 0; index < dataset.length && locators.size < wanted.size; index++) {
    const key = dataset.key(index);
    if (wanted.has(key) && !locators.has(key)) locators.set(key, dataset.locator(index));
  }
  return records
    .filter(({ key }) => locators.has(key))
    .map((record) => ({ record, task: { key: record.key, locator: locators.get(record.key) } }));
}

function judge(record: QuarantineRecord, failure: RecheckResult): Rechecked {
  if (failure !== undefined) {
    const { code, message } = failure;
    return { record, verdict: 'bad', failure: { code, message } };
  }
  return { record, verdict: wasReadable(record) ? 'untried' : 'good' };
}

/** Whether it was an operator of the pipeline, or the batch, that refused the decoded image. */
const wasReadable = ({ operator, code }: QuarantineRecord): boolean =>
  operator !== undefined || code === 'SIZE_MISMATCH';
