import {
  DataError,
  type MillraceError,
  OutputError,
  PluginError,
  reasonOf,
  reworded,
} from '../core/errors.ts';
import type { Pipeline } from '../pipeline.ts';
import { alone } from '../ranks/ranks.ts';
import type { CheckpointOccasion } from './checkpoint-files.ts';
import type { Evaluation } from './evaluate-stream.ts';
import { makeSteps, type StepHooks, type StepsSummary } from './make-steps.ts';
import { MemoryWatch } from './memory-watch.ts';
import type { StepMaker } from './parts/parted-steps.ts';
import { Agreement } from './ranks/agreement.ts';
import { StepBatches } from './ranks/step-batches.ts';
import { type Best, type Cursor, type RunState, scoreOf } from './run-state.ts';

export interface TrainingRunOptions extends StepHooks {
  /** The training stream, from the cursor of `start` on. */
  readonly stream: Pipeline;
  /** Its batches, in step with other ranks. Default: of a rank that is alone. */
  readonly batches?: StepBatches;
  /** Prepared, and loaded with the state that belongs to `start`. */
  readonly trainer: StepMaker;
  readonly start: RunState;
  /** Epochs of the training that will have ended with this run: the last of them is evaluated in any case. */
  readonly endEpoch: number;
  /** Called when steps have been made and before anything is evaluated or saved of them: ranks compare what they have. */
  readonly agree?: (cursor: Cursor) => Promise<void>;
  /** Evaluates after this epoch; resolves to what it says of the raw weights, whose mAP or top-1 decides what is best. */
  readonly evaluate?: (epoch: number) => Promise<Accuracy>;
  /** Evaluates after every n-th epoch. */
  readonly evaluateEvery: number;
  /** Ends training after so many epochs without a better one; -1: never. */
  readonly patience: number;
  readonly save?: (state: RunState, occasion: CheckpointOccasion) => Promise<void>;
  /** Called when an epoch has been evaluated and saved, and waited for. */
  readonly afterEpoch?: () => Promise<void>;
  /** Saves after every n-th step as well; -1: only when an epoch has ended. */
  readonly checkpointSteps: number;
  /** Aborted: the state after the last whole step is saved, and the reason thrown. */
  readonly signal: AbortSignal;
}

/** What an evaluation decides by. */
type Accuracy = Pick<Evaluation, 'top1' | 'mAP' | 'loss'>;

/** Epochs of training, each evaluated and saved; may be gone on from between any two steps. */
export class TrainingRun {
  readonly #options: TrainingRunOptions;
  readonly #batches: StepBatches;
  readonly #memory = new MemoryWatch();
  readonly #done = new Set<'evaluation' | 'checkpoint'>();
  #cursor: Cursor;
  #best: Best | undefined;
  #latest: Accuracy | undefined;
  #hasStoppedEarly = false;

  constructor(options: TrainingRunOptions) {
    const { stream, signal, batches = new StepBatches(stream, new Agreement(alone, signal)) } = options;
    this.#options = options;
    this.#batches = batches;
    this.#cursor = options.start.cursor;
    this.#best = options.start.best;
  }

  get state(): RunState {
    return { cursor: this.#cursor, ...(this.#best && { best: this.#best }) };
  }

  /** This run's latest evaluation. */
  get latest(): Accuracy | undefined {
    return this.#latest;
  }

  /** Whether training ended because evaluations were no longer better. */
  get hasStoppedEarly(): boolean {
    return this.#hasStoppedEarly;
  }

  /** Trains to the end; undefined where there was nothing left to train on. */
  async run(): Promise<StepsSummary | undefined> {
    try {
      if (this.#cursor.isEpochOver && (await this.#endEpoch())) return undefined;
      const { stream, trainer } = this.#options;
      const summary = await makeSteps(stream, trainer, {
        ...this.#options,
        batches: this.#batches,
        memory: this.#memory,
        firstStep: this.#cursor.step,
        onMade: (cursor) => {
          this.#cursor = cursor;
        },
        afterStep: (cursor) => this.#afterStep(cursor),
      });
      if (this.#cursor.batch > 0) await this.#endWithinEpoch();
      return summary.steps > 0 ? summary : undefined;
    } catch (error) {
      // ranks save together: none does for an error of its own
      if (this.#batches.agreement.isAgreed(error)) await this.#saveAfter(error);
      throw error;
    }
  }

  async #saveAfter(error: unknown): Promise<void> {
    if (this.#batches.agreement.isStop(error)) await this.#save({ isBest: false });
    else if (leavesSteps(error)) await this.#saveDespite(error);
  }

  /** What was no fault of the steps that were made, in an evaluation as well: they are not made again. */
  async #saveDespite(error: MillraceError): Promise<void> {
    if (this.#cursor === this.#options.start.cursor) return;
    try {
      await this.#save({ isBest: false });
    } catch (failure) {
      throw this.#batches.agreement.isAgreed(failure) ? withFailedSave(error, failure) : failure;
    }
  }

  async #afterStep(cursor: Cursor): Promise<boolean> {
    if (cursor.isEpochOver) return this.#endEpoch();
    const { checkpointSteps } = this.#options;
    if (checkpointSteps > 0 && cursor.step % checkpointSteps === 0) await this.#save({ isBest: false });
    return false;
  }

  /** Evaluates and saves; whether training is to end early. */
  async #endEpoch(): Promise<boolean> {
    const { epoch, step } = this.#cursor;
    const { agree, evaluate, evaluateEvery, endEpoch, patience } = this.#options;
    await agree?.(this.#cursor);
    const isDue = (epoch + 1) % evaluateEvery === 0 || epoch + 1 === endEpoch;
    const evaluation = isDue ? await evaluate?.(epoch) : undefined;
    if (evaluation !== undefined) this.#warmUp('evaluation');
    const isBest = evaluation !== undefined && this.#isBest(evaluation);
    if (isBest) this.#best = bestOf(epoch, evaluation);
    this.#latest = evaluation ?? this.#latest;
    this.#cursor = { step, epoch: epoch + 1, batch: 0, isEpochOver: false };
    await this.#save({ epoch, isBest });
    await this.#options.afterEpoch?.();
    this.#hasStoppedEarly =
      patience > 0 && isDue && this.#best !== undefined && epoch - this.#best.epoch >= patience;
    return this.#hasStoppedEarly;
  }

  /** Weights that give no finite loss are not best, whatever they guess. */
  #isBest(evaluation: Accuracy): boolean {
    const score = scoreOf(evaluation);
    const areNumbers = Number.isFinite(score) && Number.isFinite(evaluation.loss);
    return areNumbers && (this.#best === undefined || score > scoreOf(this.#best));
  }

  async #endWithinEpoch(): Promise<void> {
    await this.#options.agree?.(this.#cursor);
    await this.#save({ isBest: false });
    this.#latest = await this.#options.evaluate?.(this.#cursor.epoch);
  }

  async #save(occasion: CheckpointOccasion): Promise<void> {
    await this.#options.save?.(this.state, occasion);
    this.#warmUp('checkpoint');
  }

  /** What is done for the first time takes memory, to be had again the next time: that is no growth. */
  #warmUp(work: 'evaluation' | 'checkpoint'): void {
    if (!this.#done.has(work)) this.#memory.warmUpAgain();
    this.#done.add(work);
  }
}

const bestOf = (epoch: number, { top1, mAP }: Accuracy): Best => ({
  ...{ epoch, top1 },
  ...(mAP !== undefined && { mAP }),
});

/**
 * Bad data, a file that cannot be written and a fault in an operator's or a dataset's code leave the trainer as the last
 * step left it; a fault in its own code may not.
 */
const leavesSteps = (error: unknown): error is MillraceError =>
  error instanceof DataError ||
  error instanceof OutputError ||
  (error instanceof PluginError && error.code !== 'TRAINER_FAILED');

/** Says both: what went wrong, and that the steps before it will have to be made again. */
function withFailedSave(error: MillraceError, failure: unknown): MillraceError {
  const reason = reasonOf(failure);
  // one disk that is full, or a checkpoint that could not be saved in the first place
  if (reason === error.message) return error;
  return reworded(error, `${error.message}; and what was trained could not be saved: ${reason}`);
}
