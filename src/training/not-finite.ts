import type { Batch } from '../core/batch.ts';
import { TrainerError } from '../core/errors.ts';
import type { TrainerState, TrainStepResult } from '../core/trainer.ts';
import { lineToReplay } from '../workspace/outlier-record.ts';

/** More rows than these are counted only. */
const MOST_NAMED = 8;

/** A step, as the trainer left it. */
interface MadeStep extends TrainStepResult {
  readonly batch: Batch;
  readonly step: number;
}

/**
 * The error of a step whose loss is no finite number: which rows, and how to look at them. Only the loss is asked. A
 * step that mixed precision leaves out since a gradient overflowed has a finite one.
 *
 * @param metrics path of the run's metrics; undefined where its batches cannot be replayed
 */
export function lossNotFinite(made: MadeStep, metrics: string | undefined): TrainerError {
  const { batch, step, loss } = made;
  const bad = badRows(made);
  const place = `step ${step} (epoch ${batch.epoch}, batch ${batch.index})`;
  const [row] = bad.length < batch.labels.length ? bad : [];
  const message = `${place}: the loss is ${loss}, ${describeRows(batch, bad)}`;
  return new TrainerError('LOSS_NOT_FINITE', withAdvice(message, step, row, metrics));
}

/** Rows that brought it about; all of them where the trainer does not tell. */
function badRows({ batch, losses }: MadeStep): number[] {
  const all = [...batch.labels.keys()];
  const bad = losses ? all.filter((row) => !Number.isFinite(losses[row])) : [];
  return bad.length > 0 ? bad : all;
}

function describeRows({ keys, labels }: Batch, rows: readonly number[]): string {
  const isWhole = rows.length === labels.length;
  const named = rows.slice(0, MOST_NAMED).map((row) => (isWhole ? keys[row] : `row ${row} ${keys[row]}`));
  const others = rows.length - named.length;
  const which = isWhole
    ? `in a batch of ${rows.length} rows: `
    : `because of ${rows.length} of ${labels.length} rows: `;
  return `${which}${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}

/** Throws where weights, or gradients that wait for an update, are no finite numbers after `steps` steps. */
export function checkState({ weights, gradients = {} }: TrainerState, steps: number, metrics: string): void {
  const broken = Object.entries({ ...gradients, ...weights }).find(([, { data }]) => !areFinite(data));
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
