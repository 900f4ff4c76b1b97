import { isMainThread, threadId, workerData } from 'node:worker_threads';
import { type ErrorRecord, toErrorRecord } from '../../src/core/errors.ts';
import { Marks } from './marks.ts';
import { OpenedThreads } from './opened-threads.ts';
import { serially } from './serially.ts';

/** What a task sends back. An error crosses as plain data: thrown across threads it loses its class and code. */
export type TaskOutcome<Result> = { readonly result: Result } | { readonly error: ErrorRecord };

/** What a worker thread is told once, when it starts. */
export interface ThreadData<Setup> {
  /** Tells a thread of millrace's from a user's. */
  readonly isMillraceThread: true;
  readonly setup: Setup;
  readonly marks: SharedArrayBuffer;
  readonly opened: SharedArrayBuffer;
}

/** A task and its place in the marks. */
export interface PlacedTask<Task> {
  readonly place: number;
  readonly task: Task;
}

/** Says which of a task's items is begun: the one that is to blame if the thread gets no further. */
export type MarkItem = (item: number) => void;

interface TaskRunner<Task, Result> {
  /** Hears of a task when the thread is given it, before its turn comes. Must not throw. */
  announce?(task: Task): void;
  run(task: Task, mark: MarkItem): Promise<Result>;
}

/**
 * The `run` that a worker thread's entry exports, for what the thread opens when it starts. To be awaited there: a thread
 * that is ready and has no task stands still, in the middle of opening too. It is given its next task while it runs one:
 * they are run one after the other, since they share memory.
 */
export async function runTasks<Setup, Task, Result>(
  open: (setup: Setup) => Promise<TaskRunner<Task, Result>>,
): Promise<(placed: PlacedTask<Task>) => Promise<TaskOutcome<Result>>> {
  const { setup, ...shared } = workerData as ThreadData<Setup>;
  const marks = new Marks(shared.marks);
  const opening = open(setup);
  // A thread that cannot open reports it with its first task.
  const opened = await opening.catch(() => undefined);
  new OpenedThreads(shared.opened).add(threadId);
  const runInTurn = serially(async ({ place, task }: PlacedTask<Task>): Promise<TaskOutcome<Result>> => {
    try {
      const runner = await opening;
      marks.begin(place, threadId);
      current = { marks, place };
      return { result: await runner.run(task, (item) => marks.hold(place, item)) };
    } catch (error) {
      return { error: toErrorRecord(error) };
    } finally {
      current = undefined;
      marks.end(place);
    }
  });
  return (placed) => {
    opened?.announce?.(placed.task);
    return runInTurn(placed);
  };
}

/** What this thread runs. */
let current: { readonly marks: Marks; readonly place: number } | undefined;

/**
 * Calls native code during which the thread must not be terminated: a binding that cannot make its result any more ends
 * the whole process.
 */
export function uninterrupted<T>(call: () => T): T {
  const leave = enterUninterruptible();
  try {
    return call();
  } finally {
    leave();
  }
}

/** The same of the import of a native addon. */
export async function importUninterrupted<T>(load: () => Promise<T>): Promise<T> {
  const leave = enterUninterruptible();
  try {
    return await load();
  } finally {
    leave();
  }
}

function enterUninterruptible(): () => void {
  if (current === undefined) return () => {};
  const { marks, place } = current;
  marks.enterUninterruptible(place);
  return () => marks.leaveUninterruptible(place);
}

/** Whether this code runs on a thread of a pool of ours. */
export function isMillraceThread(): boolean {
  return !isMainThread && (workerData as Partial<ThreadData<unknown>> | null)?.isMillraceThread === true;
}
