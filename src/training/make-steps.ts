import type { Batch, RowFacts, Substitution } from '../core/batch.ts';
import { TrainerError } from '../core/errors.ts';
import type { TrainStepOptions, TrainStepResult } from '../core/trainer.ts';
import { bottleneck } from '../engine/run/bottleneck.ts';
import { LoadWatch } from '../engine/run/load-watch.ts';
import type { Pipeline } from '../pipeline.ts';
import type { MemoryWatch } from './memory-watch.ts';
import { LossCheck } from './not-finite.ts';
import type { StepMaker } from './parts/parted-steps.ts';
import { StepBatches } from './ranks/step-batches.ts';
import type { Cursor } from './run-state.ts';
import { learningRateAt, type ScheduleOptions } from './schedule.ts';
import { StepClock } from './step-clock.ts';
import { EpochMeter, type EpochReport, type TrainStepReport } from './step-report.ts';

/** How steps are made, and who is told of them. */
export interface StepHooks {
  readonly schedule: ScheduleOptions;
  /** Batches an update of the weights. */
  readonly batchesPerUpdate: number;
  readonly onStep: (report: TrainStepReport) => void;
  /** Called after an epoch's last step. */
  readonly onEpoch?: (report: EpochReport) => void;
  /** Called for each bad sample that another one replaced. */
  readonly onSubstitution?: (substitution: Substitution) => void;
  /** Has the trainer, one that `givesLosses`, asked for the loss of each row; called after each step. */
  readonly onLosses?: (rows: RowFacts, step: number, losses: Float32Array) => void;
  /** Ends training after so many steps. */
  readonly maxSteps?: number;
  /** Path of the run's metrics, by which its steps can be replayed. */
  readonly metrics?: string;
  /** Epoch from which batch norm's statistics stay as they are. Default: none. */
  readonly fixedStatisticsFrom?: number | undefined;
  /** Cores that there are for this process. Default: all. */
  readonly cores?: number;
  /** Updates that mixed precision skipped just before the first step. Default 0. */
  readonly skippedInARow?: number;
}

interface StepsOptions extends StepHooks {
  /** Number of the first step. */
  readonly firstStep: number;
  readonly memory: MemoryWatch;
  /** The stream's batches, in step with other ranks. Default: of a rank that is alone. */
  readonly batches?: StepBatches | undefined;
  /** Called as soon as a step is made: the trainer's state is from now on that of `next`. */
  readonly onMade?: (next: Cursor) => void;
  /** Called after each step, and waited for; the time it takes is no step's. True ends training. */
  readonly afterStep: (next: Cursor) => Promise<boolean>;
}

export interface StepsSummary {
  readonly steps: number;
  readonly images: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly waitingShare: number;
  /** Growth of resident memory after the first batches, in bytes; undefined in a run too short to tell. */
  readonly memoryGrowth: number | undefined;
}

/** A step for each batch of the stream. */
export async function makeSteps(
  pipeline: Pipeline,
  trainer: StepMaker,
  options: StepsOptions,
): Promise<StepsSummary> {
  const watch = new StepClock(pipeline);
  const meter = new EpochMeter();
  const load = new LoadWatch(() => pipeline.statistics, options.cores);
  const check = new LossCheck(options.metrics, options.skippedInARow);
  const { batches = new StepBatches(pipeline) } = options;
  let steps = 0;
  for await (const { batch, digest, images, ...shared } of batches) {
    const { epoch, isLastOfEpoch } = batch;
    const step = options.firstStep + steps++;
    const learningRate = learningRateAt(epoch, options.schedule);
    const accumulation = accumulationAt(step, options.batchesPerUpdate);
    const fixedStatistics = epoch >= (options.fixedStatisticsFrom ?? Number.POSITIVE_INFINITY);
    const asked = { learningRate, step, ...accumulation, ...(fixedStatistics && { fixedStatistics }) };
    const made = await makeStep(trainer, batch, asked, images, options);
    const { loss, losses, lossScale } = made;
    const next = {
      ...{ step: step + 1, epoch, batch: batch.index + 1, isEpochOver: isLastOfEpoch },
      ...(digest !== undefined && { streamDigest: digest }),
    };
    options.onMade?.(next);
    options.memory.sample();
    if (options.onLosses && losses) options.onLosses(await shared.rows(), step, losses);
    for (const substitution of shared.substitutions) options.onSubstitution?.(substitution);
    const scaled = lossScale && { lossScale };
    const report = { step, epoch, loss, learningRate, images, ...scaled, ...watch.lap(images) };
    meter.add(report);
    options.onStep(report);
    // once the metrics have the step, by which it is replayed
    const reason = check.reasonToStop(made, accumulation.apply);
    if (reason !== undefined) {
      const rows = await shared.rows();
      // all ranks have the same losses
      batches.agreement.alike(() => check.stop({ rows, step, ...made }, reason));
    }
    if (isLastOfEpoch)
      options.onEpoch?.({ epoch, limits: bottleneck(load.lap()), ...meter.lap(), streamDigest: digest });
    const isOver = await options.afterStep(next);
    if (isOver || steps === options.maxSteps) break;
    watch.skip();
    if (isLastOfEpoch) load.lap();
    // lets signals and timers act between steps, where a trainer's step is one long computation
    await new Promise(setImmediate);
  }
  return { steps, memoryGrowth: options.memory.growth, ...watch.total() };
}

/** Losses of the rows are asked for of any trainer that gives them; they tell which row has none that is finite. */
async function makeStep(
  trainer: StepMaker,
  batch: Batch,
  options: TrainStepOptions,
  rows: number,
  { onLosses }: StepHooks,
): Promise<TrainStepResult> {
  if (onLosses === undefined)
    return trainer.trainStep(batch, trainer.givesLosses ? { ...options, losses: true } : options);
  const made = await trainer.trainStep(batch, { ...options, losses: true });
  const { losses } = made;
  if (losses?.length !== rows) {
    const message = `${trainer.name}: trainStep must give ${rows} losses, got ${losses?.length ?? 'none'}`;
    throw new TrainerError('NO_LOSSES', message);
  }
  return made;
}

/** Counted from the first step of all, so that an update may span the end of an epoch. */
const accumulationAt = (step: number, batches: number) => ({
  apply: (step + 1) % batches === 0,
  lossScale: 1 / batches,
});
