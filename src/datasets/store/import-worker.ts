import { runTasks } from '../../../backends/threads/thread-task.ts';
import { RecordMaker } from './record-maker.ts';

/** What a thread that makes records runs: piscina imports this file and calls `run` for each task. */
export const run = await runTasks(RecordMaker.open);
