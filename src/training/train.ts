import type { Substitution } from '../core/batch.ts';
import type { EvaluationResult, Trainer } from '../core/trainer.ts';
import { type Bottleneck, bottleneck } from '../engine/bottleneck.ts';
import { LoadWatch } from '../engine/load-watch.ts';
import type { Pipeline } from '../pipeline.ts';
import { MemoryWatch } from './memory-watch.ts';
import { learningRateAt, type ScheduleOptions } from './schedule.ts';

export interface StepReport {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly images: number;
  /** Since the step before, waiting for data included. */
  readonly imagesPerSecond: number;
  /** Share of that time spent waiting for data, 0..1. */
  readonly waitingShare: number;
}

export interface TrainOptions {
  readonly schedule: ScheduleOptions;
  readonly onStep: (report: StepReport) => void;
  /** Called after an epoch's last step, with what limited the epoch's steps. */
  readonly onEpoch?: (epoch: number, limits: Bottleneck) => void;
  /** Called for each bad sample that another one replaced. */
  readonly onSubstitution?: (substitution: Substitution) => void;
  /** Ends training after so many steps. */
  readonly maxSteps?: number;
}

export interface TrainSummary {
  readonly steps: number;
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
  const load = new LoadWatch(() => pipeline.statistics);
  let step = 0;
  for await (const batch of pipeline) {
    const learningRate = learningRateAt(batch.epoch, options.schedule);
    const { loss } = await trainer.trainStep(batch, { learningRate, apply: true, lossScale: 1, step });
    memory.sample();
    for (const substitution of batch.substitutions) options.onSubstitution?.(substitution);
    const images = batch.labels.length;
    options.onStep({ step, epoch: batch.epoch, loss, learningRate, images, ...watch.lap(images) });
    if (batch.isLastOfEpoch) options.onEpoch?.(batch.epoch, bottleneck(load.lap()));
    if (++step === options.maxSteps) break;
    // lets signals and timers act between steps, where a trainer's step is one long computation
    await new Promise(setImmediate);
  }
  return { steps: step, memoryGrowth: memory.growth, ...watch.total() };
}

export interface Evaluation {
  /** Shares of images, 0..1, whose class is the best, or among the five best guesses. */
  readonly top1: number;
  readonly top5: number;
  readonly loss: number;
  readonly images: number;
}

/** Runs the model over the whole stream once. */
export async function evaluate(pipeline: Pipeline, trainer: Trainer): Promise<Evaluation> {
  const sum = { lossSum: 0, top1: 0, top5: 0, rows: 0 };
  for await (const batch of pipeline) {
    const result: EvaluationResult = await trainer.evaluateStep(batch);
    sum.lossSum += result.lossSum;
    sum.top1 += result.top1;
    sum.top5 += result.top5;
    sum.rows += result.rows;
    await new Promise(setImmediate);
  }
  return {
    top1: sum.top1 / sum.rows,
    top5: sum.top5 / sum.rows,
    loss: sum.lossSum / sum.rows,
    images: sum.rows,
  };
}

/** Speed and waiting, since the step before and in all. */
class StepClock {
  readonly #pipeline: Pipeline;
  readonly #start = performance.now();
  #last = this.#start;
  #waited = 0;
  #images = 0;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  lap(images: number) {
    const now = performance.now();
    const waited = this.#pipeline.statistics?.waitingMs ?? 0;
    const elapsed = now - this.#last;
    const waitingShare = Math.min(1, (waited - this.#waited) / elapsed);
    this.#last = now;
    this.#waited = waited;
    this.#images += images;
    return { imagesPerSecond: (images / elapsed) * 1000, waitingShare };
  }

  total() {
    const elapsed = this.#last - this.#start;
    return {
      images: this.#images,
      seconds: elapsed / 1000,
      imagesPerSecond: elapsed > 0 ? (this.#images / elapsed) * 1000 : 0,
      waitingShare: elapsed > 0 ? this.#waited / elapsed : 0,
    };
  }
}
