import type { Batch, Substitution } from '../core/batch.ts';
import { TrainerError } from '../core/errors.ts';
import type { Trainer } from '../core/trainer.ts';
import { labelsOfSamples, multiLabelsOfSamples } from '../core/views.ts';
import type { BadSampleCount } from '../engine/order/substitution.ts';
import type { Pipeline } from '../pipeline.ts';
import { type ConfusionCell, ConfusionCounts } from '../workspace/confusion.ts';
import type { ScoredRows } from './average-precision.ts';
import { StepClock } from './step-clock.ts';

/** What a batch gave: sums over its rows, what replaced bad samples, and the time it took. */
export interface EvaluatedBatch {
  /** Place in the evaluation, whichever rank evaluated it. */
  readonly index: number;
  readonly lossSum: number;
  readonly top1: number;
  readonly top5: number;
  readonly rows: number;
  /** Of rows that may have several classes, where the trainer tells: enough for the average precision of each class. */
  readonly scored?: ScoredRows;
  readonly substitutions: readonly Substitution[];
  readonly dataSeconds: number;
  readonly computeSeconds: number;
}

/** Batches that one rank evaluated. Plain data: it can be sent to other ranks. */
export interface EvaluatedBatches {
  readonly batches: readonly EvaluatedBatch[];
  /** What was taken for what; undefined where the trainer does not tell its guesses, or images may have several classes. */
  readonly confusion: readonly ConfusionCell[] | undefined;
}

/** Which of an evaluation's batches a rank has: every `size`-th, beginning with that of its number. */
export interface Share {
  readonly rank: number;
  readonly size: number;
}

/** Evaluates batch after batch, and keeps what they gave: what an error leaves is still there. */
export class BatchEvaluation {
  readonly #batches: EvaluatedBatch[] = [];
  readonly #confusion = new ConfusionCounts();
  readonly #share: Share;
  #isConfusionWhole = true;
  /** Classes that there are scores of. */
  #scoredClasses: number | undefined;

  constructor(share: Share) {
    this.#share = share;
  }

  get evaluated(): EvaluatedBatches {
    return {
      batches: this.#batches,
      confusion: this.#isConfusionWhole ? this.#confusion.cells : undefined,
    };
  }

  /** @param badSamples ends the evaluation where this share alone has more than are allowed */
  async run(
    pipeline: Pipeline,
    trainer: Pick<Trainer, 'evaluateStep'>,
    badSamples?: BadSampleCount,
  ): Promise<void> {
    const clock = new StepClock(pipeline);
    for await (const batch of pipeline) {
      const { predictions, scores, ...sums } = await trainer.evaluateStep(batch);
      const scored = this.#scoredRows(batch, scores);
      if (predictions === undefined) this.#isConfusionWhole = false;
      else this.#confusion.add(labelsOfSamples(batch), predictions);
      const { lossSum, top1, top5, rows } = sums;
      const { dataSeconds, computeSeconds } = clock.lap(rows);
      const { substitutions } = batch;
      this.#add({
        ...{ lossSum, top1, top5, rows, substitutions, dataSeconds, computeSeconds },
        ...(scored && { scored }),
      });
      badSamples?.add(substitutions);
      badSamples?.check();
      await new Promise(setImmediate);
    }
  }

  /** Keeps what was found bad in a batch that could not be filled. */
  addFailed(substitutions: readonly Substitution[]): void {
    const nothing = { lossSum: 0, top1: 0, top5: 0, rows: 0, dataSeconds: 0, computeSeconds: 0 };
    this.#add({ ...nothing, substitutions });
  }

  /** A copy of the scores, which a trainer may write to again. */
  #scoredRows(batch: Batch, scores: Float32Array | undefined): ScoredRows | undefined {
    const labels = multiLabelsOfSamples(batch);
    if (labels === undefined || scores === undefined) return undefined;
    const rows = labels.offsets.length - 1;
    const classes = scores.length / rows;
    const needed = labels.classes.reduce((most, one) => Math.max(most, one + 1), 1);
    const isAsBefore = classes === (this.#scoredClasses ?? classes);
    if (!Number.isInteger(classes) || classes < needed || !isAsBefore) {
      const before = isAsBefore ? '' : ` as before, ${this.#scoredClasses}`;
      const expected = `${rows} rows of one number per class${before}, ${needed} or more`;
      const message = `evaluateStep: scores must be ${expected}, got ${scores.length} numbers`;
      throw new TrainerError('SCORES_SHAPE', message);
    }
    this.#scoredClasses = classes;
    return { scores: scores.slice(), labels };
  }

  #add(batch: Omit<EvaluatedBatch, 'index'>): void {
    const { rank, size } = this.#share;
    this.#batches.push({ index: this.#batches.length * size + rank, ...batch });
  }
}
