import type { Batch } from '../../core/batch.ts';
import { classesOfRow, type MultiLabels } from '../../core/multi-labels.ts';
import type { EvaluationResult } from '../../core/trainer.ts';
import { checkedClass, checkedLabel } from './batch-input.ts';

/** What is known of the classes of rows. */
type EvaluatedRows = Pick<Batch, 'labels' | 'multiLabels'>;

/** What logits [rows, classes] say: of rows that may have several classes, the scores of all beside the rest. */
export const evaluateLogits = (
  logits: Float32Array,
  { labels, multiLabels }: EvaluatedRows,
  classes: number,
): EvaluationResult =>
  multiLabels === undefined
    ? evaluateSingle(logits, labels, classes)
    : evaluateSeveral(logits, multiLabels, classes);

/** Binary cross-entropy, and the rank of the best of a row's classes. */
function evaluateSeveral(logits: Float32Array, multiLabels: MultiLabels, classes: number): EvaluationResult {
  const rows = multiLabels.offsets.length - 1;
  const result = { lossSum: 0, top1: 0, top5: 0, rows, scores: logits };
  for (let row = 0; row < rows; row++) {
    const values = logits.subarray(row * classes, (row + 1) * classes);
    const labels = classesOfRow(multiLabels, row);
    let loss = 0;
    for (const x of values) loss += Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    const ranks = Array.from(labels, (label) => {
      loss -= values[checkedClass(label, row, classes)] as number;
      return rankOf(values, label);
    });
    result.lossSum += loss / classes;
    if (ranks.some((rank) => rank < 1)) result.top1++;
    if (ranks.some((rank) => rank < 5)) result.top5++;
  }
  return result;
}

/** Cross-entropy, rank of each row's class and best guess. */
function evaluateSingle(logits: Float32Array, labels: Int32Array, classes: number): EvaluationResult {
  const predictions = new Int32Array(labels.length);
  const result = { lossSum: 0, top1: 0, top5: 0, rows: labels.length, predictions };
  for (let row = 0; row < labels.length; row++) {
    const values = logits.subarray(row * classes, (row + 1) * classes);
    const label = checkedLabel(labels, row, classes);
    const rank = rankOf(values, label);
    result.lossSum += logSumExp(values) - (values[label] as number);
    if (rank < 1) result.top1++;
    if (rank < 5) result.top5++;
    predictions[row] = bestGuess(values);
  }
  return result;
}

/** How many classes come before this one; among equals the lower index does. Not-a-number comes last. */
function rankOf(values: Float32Array, label: number): number {
  const own = values[label] as number;
  let rank = 0;
  for (const [index, value] of values.entries()) {
    if (index === label || value < own) continue;
    if (value !== own || index < label) rank++;
  }
  return rank;
}

/** The class of the largest value, of equal ones the first; -1 where one is not a number. */
function bestGuess(values: Float32Array): number {
  let best = 0;
  for (const [index, value] of values.entries()) {
    if (Number.isNaN(value)) return -1;
    if (value > (values[best] as number)) best = index;
  }
  return best;
}

/** log(sum of e^x), in float64. */
function logSumExp(values: Float32Array): number {
  const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = values.reduce((total, value) => total + Math.exp(value - largest), 0);
  return largest + Math.log(sum);
}
