import { fromErrorRecord } from '../../src/core/errors.ts';
import type { TaskOutcome } from './thread-task.ts';

/** A task of a pool, and who waits for its result. */
export interface WaitingTask<Task, Result> {
  readonly task: Task;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** One that a thread has, or will have next. */
export interface RunningTask<Task, Result> extends WaitingTask<Task, Result> {
  readonly place: number;
  /** Threads that had died before. */
  readonly deaths: number;
  /** Whether its thread was ended because of it. */
  isStalled: boolean;
}

/** Passes on what a thread made of the task: its result, or its own error. */
export function answer<Task, Result>(
  outcome: TaskOutcome<Result>,
  { resolve, reject }: WaitingTask<Task, Result>,
): void {
  if ('error' in outcome) reject(fromErrorRecord(outcome.error));
  else resolve(outcome.result);
}
