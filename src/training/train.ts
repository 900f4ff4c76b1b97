import type { Substitution } from '../core/batch.ts';
import type { Trainer } from '../core/trainer.ts';
import { bottleneck } from '../engine/bottleneck.ts';
import { LoadWatch } from '../engine/load-watch.ts';
import type { Pipeline } from '../pipeline.ts';
import { MemoryWatch } from './memory-watch.ts';
import { EpochMeter, type EpochReport, type StepReport } from './reports.ts';
import { learningRateAt, type ScheduleOptions } from './schedule.ts';
import { StepClock } from './step-clock.ts';

export interface TrainOptions {
  readonly schedule: ScheduleOptions;
  readonly onStep: (report: StepReport) => void;
  /** Called after an epoch's last step, and waited for; the time it takes is no step's. */
  readonly onEpoch?: (report: EpochReport) => void | Promise<void>;
  /** Called for each bad sample that another one replaced. */
  readonly onSubstitution?: (substitution: Substitution) => void;
  /** Ends training after so many steps. */
  readonly maxSteps?: number;
}

export interface TrainSummary {
  readonly steps: number;
  /** That of the last step; -1 without one. */
  readonly lastEpoch: number;
  readonly images: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly waitingShare: number;
  /** Growth of resident memory after the first batches, in bytes; undefined in a run too short to tell. */
  readonly memoryGrowth: number | undefined;
}

/** Trains on the whole stream. */
export async function train(
  pipeline: Pipeline,
  trainer: Trainer,
  options: TrainOptions,
): Promise<TrainSummary> {
  const memory = new MemoryWatch();
  const watch = new StepClock(pipeline);
  const meter = new EpochMeter();
  const load = new LoadWatch(() => pipeline.statistics);
  let [step, lastEpoch] = [0, -1];
  for await (const batch of pipeline) {
    const learningRate = learningRateAt(batch.epoch, options.schedule);
    const { loss } = await trainer.trainStep(batch, { learningRate, apply: true, lossScale: 1, step });
    lastEpoch = batch.epoch;
    memory.sample();
    for (const substitution of batch.substitutions) options.onSubstitution?.(substitution);
    const images = batch.labels.length;
    const report = { step, epoch: batch.epoch, loss, learningRate, images, ...watch.lap(images) };
    meter.add(report);
    options.onStep(report);
    if (batch.isLastOfEpoch) {
      await options.onEpoch?.({ epoch: batch.epoch, limits: bottleneck(load.lap()), ...meter.lap() });
      watch.skip();
      load.lap();
    }
    if (++step === options.maxSteps) break;
    // lets signals and timers act between steps, where a trainer's step is one long computation
    await new Promise(setImmediate);
  }
  return { steps: step, lastEpoch, memoryGrowth: memory.growth, ...watch.total() };
}
