import { type Dataset, defineDataset } from './dataset.ts';

/** In what a view differs from its dataset. */
export interface ViewOptions {
  readonly name: string;
  readonly length?: number;
  readonly classes?: readonly string[];
  /** Index in the dataset of the view's `index`-th sample. Default: the same. */
  readonly original?: (index: number) => number;
  /** The view's number for a label of the dataset. Default: the same. */
  readonly relabelled?: (label: number) => number;
}

/** Samples of a dataset, some of them or under other labels. What is read is the dataset's; its digest is its own. */
export function viewOf(dataset: Dataset, options: ViewOptions): Dataset {
  const { name, length = dataset.length, classes = dataset.classes } = options;
  const { original = same, relabelled = same } = options;
  const { split, variant, passedOver, reader } = dataset;
  const place = dataset.place?.bind(dataset);
  const labels = dataset.labels?.bind(dataset);
  return defineDataset({
    ...{ name, length, classes, reader },
    ...(split !== undefined && { split }),
    ...(variant !== undefined && { variant }),
    ...(passedOver !== undefined && { passedOver }),
    ...(labels && { labels: (index: number) => relabelAll(labels(original(index)), relabelled) }),
    ...(place && { place: (index: number) => place(original(index)) }),
    key: (index) => dataset.key(original(index)),
    label: labels
      ? (index) => relabelAll(labels(original(index)), relabelled)[0] ?? -1
      : (index) => relabelled(dataset.label(original(index))),
    locator: (index) => dataset.locator(original(index)),
    byteLength: (index) => dataset.byteLength(original(index)),
  });
}

/** Ascending and each once again, whatever the numbers are now; a class that the view does not know (-1) is none. */
const relabelAll = (labels: readonly number[], relabelled: (label: number) => number): readonly number[] =>
  relabelled === same
    ? labels
    : [...new Set(labels.map(relabelled))].filter((label) => label >= 0).sort((a, b) => a - b);

/** The samples that are marked by `wanted`, in their order. Takes 4 bytes for each. */
export function chosenOf(
  dataset: Dataset,
  options: Omit<ViewOptions, 'length' | 'original'>,
  marks: Uint8Array | Uint16Array,
  wanted: (mark: number) => boolean,
): Dataset {
  let length = 0;
  for (const mark of marks) if (wanted(mark)) length++;
  const indices = new Uint32Array(length);
  for (let index = 0, at = 0; at < length; index++) if (wanted(marks[index] as number)) indices[at++] = index;
  return viewOf(dataset, { ...options, length, original: (index) => indices[index] as number });
}

const same = (number: number): number => number;
