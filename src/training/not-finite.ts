import type { RowFacts } from '../core/batch.ts';
import { TrainerError } from '../core/errors.ts';
import type { TrainerState, TrainStepResult } from '../core/trainer.ts';
import { lineToReplay } from '../workspace/outlier-record.ts';

/** More rows than these are counted only. */
const MOST_NAMED = 8;

/** A step, as the trainer left it. */
interface MadeStep extends TrainStepResult {
  readonly rows: RowFacts;
  readonly step: number;
}

/** Updates skipped in a row, at scales below 1, after which no smaller scale will help. */
const MOST_SKIPPED = 10;

/** Stops a training by the loss of its steps. In mixed precision an update is skipped instead, as long as that may help. */
export class LossCheck {
  readonly #metrics: string | undefined;
  #skippedInARow: number;

  /**
   * @param metrics path of the run's metrics; undefined where its batches cannot be replayed
   * @param skippedInARow updates just before this run's first
   */
  constructor(metrics: string | undefined, skippedInARow = 0) {
    this.#metrics = metrics;
    this.#skippedInARow = skippedInARow;
  }

  /**
   * Why training is not to go on after this step: what is said before the loss, which may be all there is to say. Undefined: it
   * goes on. To be asked once a step.
   *
   * @param isUpdate whether the weights were to be updated, and not only gradients added
   */
  reasonToStop({ loss, lossScale }: TrainStepResult, isUpdate: boolean): string | undefined {
    const ofLoss = Number.isFinite(loss) ? undefined : '';
    if (lossScale === undefined) return ofLoss;
    // of gradients that wait, the update decides
    if (!isUpdate) return undefined;
    this.#skippedInARow = lossScale.isSkipped ? this.#skippedInARow + 1 : 0;
    if (!lossScale.isSkipped) return ofLoss;
    // each of them halved the scale: what the first of the ten was made with
    const firstScale = lossScale.scale * 2 ** MOST_SKIPPED;
    if (this.#skippedInARow < MOST_SKIPPED || firstScale >= 1) return undefined;
    return `${MOST_SKIPPED} updates in a row were skipped at a loss scale below 1, since gradients are no finite numbers: `;
  }

  /** Throws, for a reason that `reasonToStop` gave. */
  stop(made: MadeStep, reason: string): never {
    throw lossNotFinite(made, reason, this.#metrics);
  }
}

/** The error of a step whose loss, or gradients, are no finite numbers: which rows, and how to look at them. */
function lossNotFinite(made: MadeStep, reason: string, metrics: string | undefined): TrainerError {
  const { rows, step, loss } = made;
  const bad = badRows(made);
  const place = `step ${step} (epoch ${rows.epoch}, batch ${rows.index})`;
  const [row] = bad.length < rows.labels.length ? bad : [];
  const message = `${place}: ${reason}the loss is ${loss}, ${describeRows(rows, bad)}`;
  return new TrainerError('LOSS_NOT_FINITE', withAdvice(message, step, row, metrics));
}

/** Rows that brought it about; all of them where the trainer does not tell. */
function badRows({ rows, losses }: MadeStep): number[] {
  const all = [...rows.labels.keys()];
  const bad = losses ? all.filter((row) => !Number.isFinite(losses[row])) : [];
  return bad.length > 0 ? bad : all;
}

function describeRows({ keys, labels }: RowFacts, rows: readonly number[]): string {
  const isWhole = rows.length === labels.length;
  const named = rows.slice(0, MOST_NAMED).map((row) => (isWhole ? keys[row] : `row ${row} ${keys[row]}`));
  const others = rows.length - named.length;
  const which = isWhole
    ? `in a batch of ${rows.length} rows: `
    : `because of ${rows.length} of ${labels.length} rows: `;
  return `${which}${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}

/**
 * Throws where weights, or gradients that wait for an update, are no finite numbers after `steps` steps. In mixed precision
 * such gradients cost an update, which is skipped.
 */
export function checkState(
  { weights, gradients = {}, lossScale }: TrainerState,
  steps: number,
  metrics: string,
): void {
  const asked = lossScale === undefined ? { ...gradients, ...weights } : weights;
  const broken = Object.entries(asked).find(([, { data }]) => !areFinite(data));
  if (broken === undefined) return;
  const message = `step ${steps - 1}: after it the weights are no finite numbers (${broken[0]}), so they are not saved`;
  throw new TrainerError('WEIGHTS_NOT_FINITE', withAdvice(message, steps - 1, undefined, metrics));
}

function areFinite(values: Float32Array): boolean {
  for (const value of values) if (!Number.isFinite(value)) return false;
  return true;
}

function withAdvice(
  message: string,
  step: number,
  row: number | undefined,
  metrics: string | undefined,
): string {
  return [
    message,
    ...(metrics === undefined ? [] : [`what the model saw: ${lineToReplay(metrics, { step, row })}`]),
    'checkpoints stay as they were before; a lower --lr or a longer --warmup often helps',
  ].join('\n  ');
}
