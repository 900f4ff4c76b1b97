import type { Trainer } from '../core/trainer.ts';
import type { Pipeline } from '../pipeline.ts';
import { type ConfusionCell, mergeConfusion } from '../workspace/confusion.ts';
import { type AveragePrecisions, averagePrecisions } from './average-precision.ts';
import { BatchEvaluation, type EvaluatedBatch, type EvaluatedBatches } from './evaluate-batches.ts';
import { type Speed, speedOf } from './step-report.ts';

export interface Evaluation {
  /** Shares of images, 0..1, whose class, or one of whose classes, is the best, or among the five best guesses. */
  readonly top1: number;
  readonly top5: number;
  readonly loss: number;
  readonly images: number;
  readonly speed: EvaluationSpeed;
  /** What was taken for what; undefined where the trainer does not tell its guesses, or images may have several classes. */
  readonly confusion: readonly ConfusionCell[] | undefined;
  /**
   * Where images may have several classes, and the trainer gives scores: the mean over classes of the average precision, 0..1; and
   * figures of each class.
   */
  readonly mAP?: number;
  readonly perClass?: AveragePrecisions['perClass'];
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
  const evaluation = new BatchEvaluation({ rank: 0, size: 1 });
  await evaluation.run(pipeline, trainer);
  return evaluationOf([evaluation.evaluated]);
}

/** What the batches of all ranks say together: the same, to the last bit, however many ranks shared them. */
export function evaluationOf(ofRanks: readonly EvaluatedBatches[]): Evaluation {
  const sum = { lossSum: 0, top1: 0, top5: 0, rows: 0 };
  for (const { lossSum, top1, top5, rows } of inOrder(ofRanks)) {
    sum.lossSum += lossSum;
    sum.top1 += top1;
    sum.top5 += top5;
    sum.rows += rows;
  }
  return {
    top1: sum.top1 / sum.rows,
    top5: sum.top5 / sum.rows,
    loss: sum.lossSum / sum.rows,
    images: sum.rows,
    speed: evaluationSpeed(sum.rows, ofRanks),
    confusion: mergeConfusion(ofRanks.map(({ confusion }) => confusion)),
    ...precisionsOf(inOrder(ofRanks)),
  };
}

/** Nothing where a batch has no scores. */
function precisionsOf(batches: readonly EvaluatedBatch[]): Partial<AveragePrecisions> {
  const made = batches.filter(({ rows }) => rows > 0);
  const parts = made.flatMap(({ scored }) => scored ?? []);
  const [first] = parts;
  if (first === undefined || parts.length < made.length) return {};
  return averagePrecisions(parts, first.scores.length / (first.labels.offsets.length - 1));
}

/** The batches in the order in which one rank evaluates them. */
export const inOrder = (ofRanks: readonly EvaluatedBatches[]): EvaluatedBatch[] =>
  ofRanks.flatMap(({ batches }) => batches).sort((a, b) => a.index - b.index);

/** All ranks are as fast as the one that took longest. */
function evaluationSpeed(images: number, ofRanks: readonly EvaluatedBatches[]): EvaluationSpeed {
  const times = ofRanks.map(({ batches }) => ({
    batches: batches.length,
    dataSeconds: sumOf(batches.map(({ dataSeconds }) => dataSeconds)),
    computeSeconds: sumOf(batches.map(({ computeSeconds }) => computeSeconds)),
  }));
  const { dataSeconds, computeSeconds, batches } = times.reduce((longest, time) =>
    time.dataSeconds + time.computeSeconds > longest.dataSeconds + longest.computeSeconds ? time : longest,
  );
  const latencies = ofRanks.flatMap((one) => one.batches.map((batch) => batch.computeSeconds));
  return {
    ...speedOf(images, dataSeconds, computeSeconds, batches),
    latencies: latencies.sort((a, b) => a - b),
  };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
