import { workerData } from 'node:worker_threads';
import { RowRunner } from './row-runner.ts';
import type { Task, TaskResult, ThreadSetup } from './task.ts';

// A worker thread's entry: piscina imports this file and calls `run` for each task.
const runner = RowRunner.open(workerData as ThreadSetup);
// A thread that cannot open reports it with its first task; without this line the process would end unhandled.
runner.catch(() => {});

export async function run(task: Task): Promise<TaskResult> {
  return (await runner).run(task);
}
