import type { Batch } from './batch.ts';
import { ParameterError } from './errors.ts';
import { type MultiLabels, multiLabelsAt } from './multi-labels.ts';

/**
 * The rows of a batch that hold the given view of its samples, of `pipeline(data, { views })`. The i-th row of each view is of the same
 * sample.
 *
 * @param view 0..views - 1
 */
export function rowsOfView({ labels, views = 1, occurrences }: Batch, view: number): Int32Array {
  if (!(Number.isInteger(view) && view >= 0 && view < views))
    throw new ParameterError(
      'INVALID_VIEW',
      `rowsOfView: view must be an integer 0..${views - 1}, got ${view}`,
    );
  const rows = Int32Array.from(labels.keys());
  // a sampler may give a sample several times, all its views each time
  return occurrences === undefined
    ? rows
    : rows.filter((row) => (occurrences[row] as number) % views === view);
}

/** The labels of each sample, in the order of the rows of a view; undefined where each has its one. */
export const multiLabelsOfSamples = (batch: Batch): MultiLabels | undefined =>
  batch.multiLabels && multiLabelsAt(batch.multiLabels, rowsOfView(batch, 0));

/** The label of each sample, in the order of the rows of a view. */
export const labelsOfSamples = (batch: Batch): Int32Array =>
  rowsOfView(batch, 0).map((row) => batch.labels[row] as number);
