import { concatMap, type OperatorFunction } from 'rxjs';
import type { Batch } from '../../src/core/batch.ts';
import { ParameterError } from '../../src/core/errors.ts';
import { guardedTrainer } from '../../src/core/guarded-trainer.ts';
import type { LossScaleReport, Trainer } from '../../src/core/trainer.ts';

/** What one training step reports. */
export interface TrainStepMetrics {
  readonly step: number;
  readonly epoch: number;
  /** Index of the batch in its epoch. */
  readonly index: number;
  readonly isLastOfEpoch: boolean;
  readonly images: number;
  readonly loss: number;
  readonly learningRate: number;
  /** In mixed precision. */
  readonly lossScale?: LossScaleReport;
  /** Milliseconds that the step took. */
  readonly milliseconds: number;
}

export interface TrainWithOptions {
  /** A constant, or a function of (epoch, step). Default 0.01. */
  readonly learningRate?: number | ((epoch: number, step: number) => number);
  /** Number of the first step. Default 0. */
  readonly firstStep?: number;
}

/** Trains on every batch, one after the other, and releases it. The trainer has been prepared with its model. */
export function trainWith(
  trainer: Trainer,
  options: TrainWithOptions = {},
): OperatorFunction<Batch, TrainStepMetrics> {
  checkArguments(trainer, options);
  const { learningRate = 0.01, firstStep = 0 } = options;
  const guarded = guardedTrainer(trainer);
  return concatMap(async (batch, i) => {
    const step = firstStep + i;
    const { epoch, index, isLastOfEpoch } = batch;
    const images = batch.labels.length;
    const rate = typeof learningRate === 'number' ? learningRate : learningRate(epoch, step);
    const start = performance.now();
    try {
      const { loss, lossScale } = await guarded.trainStep(batch, {
        learningRate: rate,
        apply: true,
        lossScale: 1,
        step,
      });
      const milliseconds = performance.now() - start;
      const scaled = lossScale && { lossScale };
      return { step, epoch, index, isLastOfEpoch, images, loss, learningRate: rate, ...scaled, milliseconds };
    } finally {
      batch.release();
    }
  });
}

function checkArguments(trainer: Trainer, options: TrainWithOptions): void {
  if (typeof Object(trainer).trainStep !== 'function')
    throw new ParameterError('INVALID_OPTION', `trainWith: expected a trainer, got ${trainer}`);
  const unknown = Object.keys(options).find((name) => !['learningRate', 'firstStep'].includes(name));
  if (unknown === undefined) return;
  const message = `trainWith: unknown option '${unknown}' (known: learningRate, firstStep)`;
  throw new ParameterError('UNKNOWN_OPTION', message);
}
