import { type MultiLabels, multiLabelsOf } from '../../src/core/multi-labels.ts';

/** Labels of rows that may have several classes. */
export const several = (lists: readonly (readonly number[])[]): MultiLabels =>
  multiLabelsOf(lists.map((labels) => ({ label: labels[0] ?? -1, labels }))) as MultiLabels;
