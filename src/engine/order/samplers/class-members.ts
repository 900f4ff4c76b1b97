import { classCounts } from '../../../datasets/class-counts.ts';
import { type Dataset, labelsAt } from '../../../datasets/dataset.ts';
import { runningSums } from './running-sums.ts';

/** Samples that take turns. */
export interface SampleGroup {
  /** What messages call it. */
  readonly name: string;
  readonly length: number;
  /** Index in the dataset of its `member`-th sample. */
  index(member: number): number;
}

/**
 * The samples of each class, in the order of the dataset, 4 bytes each. A sample of several classes is in each of them; one without
 * a class in none.
 */
export function classMembers(dataset: Dataset): SampleGroup[] {
  const { classes } = dataset;
  const { counts: lengths } = classCounts(dataset);
  const ends = runningSums(lengths);
  const members = new Uint32Array(ends.at(-1) ?? 0);
  const next = ends.map((end, label) => end - (lengths[label] as number));
  for (let index = 0; index < dataset.length; index++)
    for (const label of labelsAt(dataset, index)) {
      const place = next[label] as number;
      members[place] = index;
      next[label] = place + 1;
    }
  return classes.map((name, label) => {
    const length = lengths[label] as number;
    const first = (ends[label] as number) - length;
    return { name, length, index: (member) => members[first + member] as number };
  });
}
