import { serially } from '../../../backends/threads/serially.ts';
import { closedError, type TaskPool } from '../../../backends/threads/task-pool.ts';
import { RowRunner } from '../rows/row-runner.ts';
import type { Task, TaskResult, ThreadSetup } from '../rows/task.ts';

/** Prepares rows on the calling thread: for debugging, and where threads cannot be had. */
export function inlinePool(setup: ThreadSetup): TaskPool<Task, TaskResult> {
  const runner = RowRunner.open(setup);
  // as many are announced as a thread is given: the one that runs, and the next
  const waiting: Task[] = [];
  const announced = new WeakSet<Task>();
  let isClosed = false;
  // one after the other: a runner's rows are shared
  const runTask = serially(async (task: Task) => {
    // Rows are prepared without a pause of their own; timers, signals and an abort get their turn here.
    await new Promise(setImmediate);
    if (isClosed) throw closedError();
    const opened = await runner;
    for (const next of waiting.slice(0, 2)) {
      if (!announced.has(next)) opened.announce(next);
      announced.add(next);
    }
    try {
      return await opened.run(task);
    } finally {
      waiting.shift();
    }
  });
  let last: Promise<unknown> = runner;
  // An error of opening is reported with the first task, which a live source may not bring for a while.
  runner.catch(() => {});
  return {
    run(task) {
      waiting.push(task);
      const result = runTask(task);
      last = result;
      return result;
    },
    async close() {
      isClosed = true;
      await last.catch(() => {});
      await runner.then((opened) => opened.close()).catch(() => {});
    },
  };
}
