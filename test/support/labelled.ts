import { type Dataset, defineDataset } from '../../src/index.ts';

/** A dataset that is a list alone: sample i has the label or labels that the function says, and no image. */
export function labelled(
  length: number,
  labelOf: (index: number) => number | readonly number[],
  classes: readonly string[] = Array.from({ length: highest(length, labelOf) + 1 }, (_, i) => String(i)),
): Dataset {
  const first = length > 0 ? labelOf(0) : 0;
  const all = (index: number) => [labelOf(index)].flat();
  return defineDataset({
    name: `labelled(${length})`,
    ...{ length, classes },
    key: (index) => `${all(index)[0] ?? 'none'}/${index}`,
    label: (index) => all(index)[0] ?? -1,
    ...(Array.isArray(first) && { labels: all }),
    locator: (index) => index,
    byteLength: async (index) => 100 + index,
    reader: { module: 'file:///no-images' },
  });
}

const highest = (length: number, labelOf: (index: number) => number | readonly number[]): number =>
  Array.from({ length }, (_, index) => [labelOf(index)].flat())
    .flat()
    .reduce((a, b) => Math.max(a, b), -1);

export const keysOf = (dataset: Dataset): string[] =>
  Array.from({ length: dataset.length }, (_, index) => dataset.key(index));

export const labelsOf = (dataset: Dataset): number[] =>
  Array.from({ length: dataset.length }, (_, index) => dataset.label(index));

/** The samples of each class, as numbers of samples by label. */
export function countsOf(dataset: Dataset): number[] {
  const counts = dataset.classes.map(() => 0);
  for (const label of labelsOf(dataset)) if (label >= 0) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}
