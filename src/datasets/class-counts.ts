import { type Dataset, labelsAt } from './dataset.ts';

/** How many samples are of which class. */
export interface ClassCounts {
  /** By label. A sample of several classes counts in each of them. */
  readonly counts: Float64Array;
  /** Those without a class. */
  readonly unlabelled: number;
}

export function classCounts(dataset: Pick<Dataset, 'length' | 'classes' | 'label' | 'labels'>): ClassCounts {
  const counts = new Float64Array(dataset.classes.length);
  let unlabelled = 0;
  for (let index = 0; index < dataset.length; index++) {
    const labels = labelsAt(dataset, index);
    if (labels.length === 0) unlabelled++;
    for (const label of labels) counts[label] = (counts[label] as number) + 1;
  }
  return { counts, unlabelled };
}
