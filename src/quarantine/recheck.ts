import { ThreadPool } from '../../backends/cpu/pool.ts';
import { MillraceError, toErrorRecord } from '../core/errors.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { isOfSplit } from './excluded.ts';
import type { RecheckResult, RecheckSetup, RecheckTask } from './recheck-task.ts';
import type { QuarantineRecord } from './record.ts';

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
    const left = records.filter((record) => !verdicts.has(record) && isOfSplit(record, dataset));
    await recheckIn(dataset, left, options, take);
  }
  return records.map((record) => verdicts.get(record) ?? { record, verdict: 'gone' });
}

interface Sample {
  readonly record: QuarantineRecord;
  readonly task: RecheckTask;
}

async function recheckIn(
  dataset: Dataset,
  records: readonly QuarantineRecord[],
  options: RecheckOptions,
  take: (rechecked: Rechecked) => void,
): Promise<void> {
  const samples = findIn(dataset, records);
  if (samples.length === 0) return;
  const died = await tryAll(dataset, samples, options, take);
  // a thread that dies may take others' samples with it: alone, each shows whether it was the one
  for (const { sample } of died) {
    const [again] = await tryAll(dataset, [sample], { ...options, workers: 1 }, take);
    if (again !== undefined) take(judge(sample.record, toErrorRecord(again.error)));
  }
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

interface Died {
  readonly sample: Sample;
  readonly error: MillraceError;
}

/** Tries samples on threads of their own; returns those whose thread died or had to be ended. */
async function tryAll(
  { reader }: Dataset,
  samples: readonly Sample[],
  { workers, signal }: RecheckOptions,
  take: (rechecked: Rechecked) => void,
): Promise<Died[]> {
  const setup: RecheckSetup = { reader };
  const url = new URL('./recheck-worker.js', import.meta.url);
  const pool = new ThreadPool<RecheckTask, RecheckResult>(url, Math.min(workers, samples.length), setup);
  const died: Died[] = [];
  const stop = () => void pool.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await Promise.all(
      samples.map(async (sample) => {
        try {
          take(judge(sample.record, await pool.run(sample.task)));
        } catch (error) {
          if (!isDeath(error)) throw error;
          died.push({ sample, error });
        }
      }),
    );
  } finally {
    signal?.removeEventListener('abort', stop);
    await pool.close();
    signal?.throwIfAborted();
  }
  return died;
}

const deaths = ['WORKER_DIED', 'TIMED_OUT'];
const isDeath = (error: unknown): error is MillraceError =>
  error instanceof MillraceError && deaths.includes(error.code);

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
