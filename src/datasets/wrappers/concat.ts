import { DataError, ParameterError } from '../../core/errors.ts';
import { equalTexts } from '../columns/equal-texts.ts';
import { type Dataset, defineDataset, labelsAt, type SamplePlace } from '../dataset.ts';

export interface ConcatOptions {
  /** What is put before the keys of each dataset, with a slash between: `['real', 'generated']`. */
  readonly prefixes?: readonly string[];
}

/** Which dataset a sample is of, and what its reader needs to find it there. */
export interface PartLocator {
  readonly part: number;
  readonly locator: unknown;
}

/**
 * Several datasets as one, one after the other, each read by its own reader. Classes are united by name: the first dataset's keep their
 * numbers, and others follow in the order in which they come. Two samples with one key are an error, unless prefixes tell them
 * apart.
 */
export function concat(datasets: readonly Dataset[], options: ConcatOptions = {}): Dataset {
  const { prefixes } = options;
  checkParts(datasets, prefixes);
  const parts = new Parts(datasets);
  const variant = variantOf(datasets);
  const dataset = defineDataset({
    name: `concat(${datasets.map(({ name }) => name).join(', ')})`,
    length: datasets.reduce((sum, { length }) => sum + length, 0),
    classes: parts.classes,
    ...(variant !== undefined && { variant }),
    key: (index) => {
      const { part, dataset, own } = parts.at(index);
      const key = dataset.key(own);
      return prefixes === undefined ? key : `${prefixes[part]}/${key}`;
    },
    label: (index) => parts.labels(index)[0] ?? -1,
    ...(datasets.some(({ labels }) => labels !== undefined) && {
      labels: (index: number) => parts.labels(index),
    }),
    locator: (index): PartLocator => {
      const { part, dataset, own } = parts.at(index);
      return { part, locator: dataset.locator(own) };
    },
    ...(datasets.every(({ place }) => place !== undefined) && {
      place: (index: number) => {
        const { dataset, own } = parts.at(index);
        return dataset.place?.(own) as SamplePlace;
      },
    }),
    byteLength: (index) => {
      const { dataset, own } = parts.at(index);
      return dataset.byteLength(own);
    },
    reader: {
      module: new URL('./concat-reader.js', import.meta.url).href,
      options: datasets.map(({ reader }) => reader),
    },
  });
  if (prefixes === undefined || !tellApart(prefixes))
    checkKeys(dataset, (index) => parts.at(index).dataset.name);
  return dataset;
}

/** Where in which dataset a sample is, and under which numbers its classes are united. */
class Parts {
  readonly classes: readonly string[];
  readonly #datasets: readonly Dataset[];
  readonly #starts: Float64Array;
  readonly #numbers: readonly (readonly number[])[];

  constructor(datasets: readonly Dataset[]) {
    this.#datasets = datasets;
    this.#starts = startsOf(datasets);
    this.classes = [...new Set(datasets.flatMap(({ classes }) => classes))];
    const numbers = new Map(this.classes.map((name, number) => [name, number]));
    this.#numbers = datasets.map(({ classes }) => classes.map((name) => numbers.get(name) as number));
  }

  at(index: number) {
    let part = this.#starts.length - 1;
    while (part > 0 && (this.#starts[part] as number) > index) part--;
    const own = index - (this.#starts[part] as number);
    return { part, dataset: this.#datasets[part] as Dataset, own };
  }

  /** Ascending. */
  labels(index: number): number[] {
    const { part, dataset, own } = this.at(index);
    return labelsAt(dataset, own)
      .map((label) => this.#numbers[part]?.[label] ?? -1)
      .filter((label) => label >= 0)
      .sort((a, b) => a - b);
  }
}

/** In what the images differ from those whose lengths are in the digest: of all alike, or each one's. */
function variantOf(datasets: readonly Dataset[]): string | undefined {
  const variants = datasets.map(({ variant }) => variant);
  return new Set(variants).size === 1 ? variants[0] : variants.map((one) => one ?? '').join('+');
}

function startsOf(datasets: readonly Dataset[]): Float64Array {
  let start = 0;
  return Float64Array.from(datasets, ({ length }) => {
    start += length;
    return start - length;
  });
}

function checkParts(datasets: readonly Dataset[], prefixes: readonly string[] | undefined): void {
  if (!Array.isArray(datasets) || datasets.length === 0)
    throw invalid(`expected a list of datasets, got ${datasets}`);
  if (prefixes === undefined) return;
  const areTexts = Array.isArray(prefixes) && prefixes.every((one) => typeof one === 'string' && one !== '');
  if (areTexts && prefixes.length === datasets.length && new Set(prefixes).size === prefixes.length) return;
  throw invalid(`expected ${datasets.length} different prefixes, one per dataset, got ${prefixes}`);
}

/** Whether no two keys can be alike: a/b/1.jpg may be b/1.jpg of the prefix a, and 1.jpg of the prefix a/b. */
const tellApart = (prefixes: readonly string[]): boolean =>
  !prefixes.some((one) => prefixes.some((other) => other.startsWith(`${one}/`)));

function checkKeys(dataset: Dataset, nameOf: (index: number) => string): void {
  const equal = equalTexts(dataset.length, dataset.key);
  if (equal === undefined) return;
  const [first, second] = equal;
  const where = `is in ${nameOf(first)} (sample ${first}) and in ${nameOf(second)} (sample ${second})`;
  const advice = "tell them apart by prefixes: concat(datasets, { prefixes: ['a', 'b'] })";
  throw new DataError('DUPLICATE_KEY', `concat: the key ${dataset.key(first)} ${where}: ${advice}`);
}

const invalid = (message: string): ParameterError =>
  new ParameterError('INVALID_OPTION', `concat: ${message}`);
