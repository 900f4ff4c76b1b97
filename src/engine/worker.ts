import { workerData } from 'node:worker_threads';
import { toErrorRecord } from '../core/errors.ts';
import { serially } from '../core/serially.ts';
import { RowRunner } from './row-runner.ts';
import type { Task, TaskOutcome, ThreadSetup } from './task.ts';

// A worker thread's entry: piscina imports this file and calls `run` for each task.
const runner = RowRunner.open(workerData as ThreadSetup);
// A thread that cannot open reports it with its first task; without this line the process would end unhandled.
runner.catch(() => {});

/** A thread is given its next task while it runs one: they are run one after the other, since rows share memory. */
export const run = serially(async (task: Task): Promise<TaskOutcome> => {
  try {
    return await (await runner).run(task);
  } catch (error) {
    // as data: an error that is thrown across threads loses its class and code
    return { error: toErrorRecord(error) };
  }
});
