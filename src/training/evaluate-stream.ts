import type { Trainer } from '../core/trainer.ts';
import type { Pipeline } from '../pipeline.ts';
import { type ConfusionCell, ConfusionCounts } from '../workspace/confusion.ts';
import { StepClock } from './step-clock.ts';
import { type Speed, speedOf } from './step-report.ts';

export interface Evaluation {
  /** Shares of images, 0..1, whose class is the best, or among the five best guesses. */
  readonly top1: number;
  readonly top5: number;
  readonly loss: number;
  readonly images: number;
  readonly speed: EvaluationSpeed;
  /** What was taken for what; undefined where the trainer does not tell its guesses. */
  readonly confusion: readonly ConfusionCell[] | undefined;
}

export interface EvaluationSpeed extends Speed {
  /** The trainer's time for each batch, ascending, in seconds. */
  readonly latencies: readonly number[];
}

/** Runs the model over the whole stream once. */
export async function evaluateStream(
  pipeline: Pipeline,
  trainer: Pick<Trainer, 'evaluateStep'>,
): Promise<Evaluation> {
  const clock = new StepClock(pipeline);
  const confusion = new ConfusionCounts();
  const sum = { lossSum: 0, top1: 0, top5: 0, rows: 0, dataSeconds: 0 };
  const latencies: number[] = [];
  let isConfusionWhole = true;
  for await (const batch of pipeline) {
    const { lossSum, top1, top5, rows, predictions } = await trainer.evaluateStep(batch);
    sum.lossSum += lossSum;
    sum.top1 += top1;
    sum.top5 += top5;
    sum.rows += rows;
    if (predictions === undefined) isConfusionWhole = false;
    else confusion.add(batch.labels, predictions);
    const { dataSeconds, computeSeconds } = clock.lap(rows);
    sum.dataSeconds += dataSeconds;
    latencies.push(computeSeconds);
    await new Promise(setImmediate);
  }
  return {
    top1: sum.top1 / sum.rows,
    top5: sum.top5 / sum.rows,
    loss: sum.lossSum / sum.rows,
    images: sum.rows,
    speed: evaluationSpeed(sum.rows, sum.dataSeconds, latencies),
    confusion: isConfusionWhole ? confusion.cells : undefined,
  };
}

function evaluationSpeed(images: number, dataSeconds: number, latencies: number[]): EvaluationSpeed {
  const computeSeconds = latencies.reduce((total, latency) => total + latency, 0);
  return {
    ...speedOf(images, dataSeconds, computeSeconds, latencies.length),
    latencies: latencies.sort((a, b) => a - b),
  };
}
