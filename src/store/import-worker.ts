import { workerData } from 'node:worker_threads';
import { toErrorRecord } from '../core/errors.ts';
import { serially } from '../core/serially.ts';
import type { ImportOutcome, ImportSetup, ImportTask } from './import-task.ts';
import { RecordMaker } from './record-maker.ts';

// An importing thread's entry: piscina imports this file and calls `run` for each task.
const maker = RecordMaker.open(workerData as ImportSetup);
// A thread that cannot open reports it with its first task; without this line the process would end unhandled.
maker.catch(() => {});

/** A thread is given its next task while it runs one: they are run one after the other, since readers share memory. */
export const run = serially(async (task: ImportTask): Promise<ImportOutcome> => {
  try {
    return { records: await (await maker).run(task) };
  } catch (error) {
    // as data: an error that is thrown across threads loses its class and code
    return { error: toErrorRecord(error) };
  }
});
