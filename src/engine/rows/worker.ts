import { runTasks } from '../../../backends/threads/thread-task.ts';
import { RowRunner } from './row-runner.ts';

/** What a thread that prepares rows runs: piscina imports this file and calls `run` for each task. */
export const run = await runTasks(RowRunner.open);
