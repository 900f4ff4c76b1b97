import type { EvaluationResult } from '../../core/trainer.ts';
import { checkedLabel } from './batch-input.ts';

/** Cross-entropy, rank of each row's class and best guess, from logits [rows, classes]. */
export function evaluateLogits(logits: Float32Array, labels: Int32Array, classes: number): EvaluationResult {
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
