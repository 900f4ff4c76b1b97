import { type ErrorRecord, toErrorRecord } from './errors.ts';
import { serially } from './serially.ts';

/** What a task sends back. An error crosses as plain data: thrown across threads it loses its class and code. */
export type TaskOutcome<Result> = { readonly result: Result } | { readonly error: ErrorRecord };

interface TaskRunner<Task, Result> {
  run(task: Task): Promise<Result>;
}

/**
 * The `run` that a worker thread's entry exports, for what the thread opens when it starts. A thread is given its next
 * task while it runs one: they are run one after the other, since they share memory.
 */
export function runTasks<Task, Result>(
  opening: Promise<TaskRunner<Task, Result>>,
): (task: Task) => Promise<TaskOutcome<Result>> {
  // A thread that cannot open reports it with its first task; without this line the process would end unhandled.
  opening.catch(() => {});
  return serially(async (task) => {
    try {
      return { result: await (await opening).run(task) };
    } catch (error) {
      return { error: toErrorRecord(error) };
    }
  });
}
