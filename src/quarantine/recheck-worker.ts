import { runTasks } from '../../backends/threads/thread-task.ts';
import { RecheckRunner } from './recheck-runner.ts';

/** What a thread that tries samples again runs: piscina imports this file and calls `run` for each task. */
export const run = await runTasks(RecheckRunner.open);
