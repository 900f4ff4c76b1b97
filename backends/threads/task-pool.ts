import { BackendError } from '../../src/core/errors.ts';

/** Runs tasks in the order they are given, as many at once as there are threads, and returns their results. */
export interface TaskPool<Task, Result> {
  /** Throws ThreadLoss where the task's thread died or was stuck: another has taken its place, and can run it again. */
  run(task: Task): Promise<Result>;
  /** Drops tasks that have not started, waits for those that run, and frees everything. */
  close(): Promise<void>;
}

/** What a task gets that a closed pool will not run. */
export const closedError = (): BackendError => new BackendError('CLOSED', 'the stream was closed');
