import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { noTimes, type StageTimes, stageNames } from '../rows/task.ts';
import type { Load } from './bottleneck.ts';
import type { RunStatistics } from './statistics.ts';

/** Sums since a run, or its process, began. */
interface Sums {
  readonly run: RunStatistics | undefined;
  readonly busyMs: number;
  readonly stages: StageTimes;
  readonly waitingMs: number;
  readonly deviceMs: number;
  readonly rows: number;
  readonly sourcePixels: number;
}

/** Measures the load of a stream from one `lap` to the next. To be used on the thread that runs the stream. */
export class LoadWatch {
  readonly #statistics: () => RunStatistics | undefined;
  readonly #cores: number;
  #time = performance.now();
  #eventLoop = performance.eventLoopUtilization();
  #sums: Sums;

  /**
   * @param statistics those of the stream's latest run; undefined before the first
   * @param cores that there are for this process
   */
  constructor(statistics: () => RunStatistics | undefined, cores: number = availableParallelism()) {
    this.#statistics = statistics;
    this.#cores = cores;
    this.#sums = sumsOf(statistics());
  }

  /** The load since the lap before, or since this was made. */
  lap(): Load {
    const time = performance.now();
    const eventLoop = performance.eventLoopUtilization();
    const sums = sumsOf(this.#statistics());
    const before = sums.run === this.#sums.run ? this.#sums : sumsOf(undefined);
    const stages = noTimes();
    for (const stage of stageNames) stages[stage] = sums.stages[stage] - before.stages[stage];
    const load = {
      wallMs: time - this.#time,
      workers: sums.run?.workers ?? 0,
      cores: this.#cores,
      busyMs: sums.busyMs - before.busyMs,
      stages,
      waitingMs: sums.waitingMs - before.waitingMs,
      deviceMs: sums.deviceMs - before.deviceMs,
      rows: sums.rows - before.rows,
      sourcePixels: sums.sourcePixels - before.sourcePixels,
      callingMs: eventLoop.active - this.#eventLoop.active,
    };
    this.#time = time;
    this.#eventLoop = eventLoop;
    this.#sums = sums;
    return load;
  }
}

function sumsOf(run: RunStatistics | undefined): Sums {
  const { busyMs = 0, waitingMs = 0, stages = noTimes(), rows = 0, sourcePixels = 0 } = run ?? {};
  const deviceMs = run?.gpu?.waitingMs ?? 0;
  return { run, busyMs, waitingMs, deviceMs, stages: { ...stages }, rows, sourcePixels };
}
