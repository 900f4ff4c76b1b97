import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import type { IntervalJpeg } from '../../backends/decode/interval-jpeg.ts';
import { BackendError, DataError, ParameterError } from '../core/errors.ts';
import { isRawImage, type RawImage } from '../core/image.ts';
import { importModule } from '../core/import-module.ts';
import { listOf } from '../core/multi-labels.ts';

/**
 * Where samples come from. A dataset lists its samples on the calling thread; worker threads read them through the
 * `reader` module, so that encoded bytes do not cross threads. Make one by `defineDataset`, which refuses an index that
 * no sample has.
 */
export interface Dataset {
  /** For messages and `explain()`: `imageFolder(data/train)`. */
  readonly name: string;
  readonly length: number;
  /** Which part of the data it is, where that is known: one key may name a sample of each. */
  readonly split?: string;
  /** Class names by label. */
  readonly classes: readonly string[];
  /** The sample's name in the dataset, the same on every machine: `cat/001.jpg`. */
  key(index: number): string;
  /** Class index; -1 for none. Where samples have several classes, the first of them. */
  label(index: number): number;
  /** Where a sample may have several classes, or none of them: which, ascending. Left out: each has its one label. */
  labels?(index: number): readonly number[];
  /** What a reader needs to find the sample, as plain data (a path, a store key, shared bytes). */
  locator(index: number): unknown;
  /** Where the sample's bytes are, for whoever looks for it; left out where they are in no file. */
  place?(index: number): SamplePlace;
  /** Bytes of the encoded sample as it was first stored; part of the dataset's digest. */
  byteLength(index: number): Promise<number>;
  /** Which of the source's files are no samples, for people: `passed over 12 .txt, 3 .heic`. */
  readonly passedOver?: string;
  /** In what the images differ from those that `byteLength` speaks of; part of the dataset's digest. Default: nothing. */
  readonly variant?: string;
  readonly reader: ReaderDescription;
}

/**
 * The dataset as given, but for an index that no sample has, which each of its methods refuses by name, and for classes that are none:
 * `label` must give the index of a class or -1, `labels` indices of classes, ascending and each once.
 */
export function defineDataset<Definition extends Dataset>(dataset: Definition): Definition {
  checkDefinition(dataset);
  const check = (index: number): number => {
    if (Number.isInteger(index) && index >= 0 && index < dataset.length) return index;
    const expected = `an integer of 0 or more and less than ${dataset.length}`;
    throw new ParameterError('INVALID_INDEX', `${dataset.name}: index must be ${expected}, got ${index}`);
  };
  return {
    ...dataset,
    key: (index: number) => dataset.key(check(index)),
    label: (index: number) => labelAt(dataset, check(index)),
    locator: (index: number) => dataset.locator(check(index)),
    byteLength: async (index: number) => dataset.byteLength(check(index)),
    ...(dataset.labels && { labels: (index: number) => listAt(dataset, check(index)) ?? [] }),
    ...(dataset.place && { place: (index: number) => dataset.place?.(check(index)) }),
  };
}

/** The classes of a sample, as a list whether it may have several or has its one label. */
export const labelsAt = (dataset: Pick<Dataset, 'label' | 'labels'>, index: number): readonly number[] =>
  dataset.labels?.(index) ?? listOf({ label: dataset.label(index) });

type Labelled = Pick<Dataset, 'name' | 'classes' | 'label' | 'labels'>;

/** A sample's class. Anything else than an index would become one in a batch: undefined and 'cat' class 0. */
export function labelAt(dataset: Labelled, index: number): number {
  const label = dataset.label(index);
  if (Number.isInteger(label) && label >= -1 && label < dataset.classes.length) return label;
  throw invalidLabel(dataset, `label(${index}) must give a class index ${rangeOf(dataset)}, or -1`, label);
}

/** Those of a sample that may have several. Digests, and sums of targets, rely on their order and on each being there once. */
export function listAt(dataset: Labelled, index: number): readonly number[] | undefined {
  if (dataset.labels === undefined) return undefined;
  const labels = dataset.labels(index);
  if (areLabels(labels, dataset.classes.length)) return labels;
  const expected = `class indices ${rangeOf(dataset)}, ascending and each once`;
  throw invalidLabel(dataset, `labels(${index}) must give ${expected}`, labels);
}

const areLabels = (labels: readonly number[], classes: number): boolean =>
  Array.isArray(labels) &&
  labels.every((label, i) => Number.isInteger(label) && label > (labels[i - 1] ?? -1) && label < classes);

const rangeOf = ({ classes }: Labelled): string =>
  classes.length === 0 ? '(the dataset has no classes)' : `0..${classes.length - 1}`;

export const invalidLabel = ({ name }: Labelled, expected: string, got: unknown): ParameterError =>
  new ParameterError('INVALID_LABEL', `${name}: ${expected}, got ${inspect(got, { breakLength: Infinity })}`);

/** What every dataset has, by the type of each. */
const members = {
  name: 'string',
  length: 'number',
  classes: 'object',
  key: 'function',
  label: 'function',
  locator: 'function',
  byteLength: 'function',
  reader: 'object',
} as const satisfies { readonly [Name in keyof Dataset]?: string };

/** What it may have. */
const further = {
  split: 'string',
  labels: 'function',
  place: 'function',
  passedOver: 'string',
  variant: 'string',
} as const satisfies { readonly [Name in keyof Dataset]?: string };

function checkDefinition(dataset: Dataset): void {
  const { name }: { readonly name?: string } = Object(dataset);
  for (const [member, type] of Object.entries({ ...members, ...further })) {
    const value: unknown = Object(dataset)[member];
    if (typeof value === type && value !== null) continue;
    if (value === undefined && Object.hasOwn(further, member)) continue;
    const message = `defineDataset: ${name ?? 'the dataset'}: ${member} must be a ${type}, got ${value}`;
    throw new ParameterError('INVALID_DATASET', message);
  }
}

/** Where a sample is stored. */
export interface SamplePlace {
  readonly path: string;
  /** Its first byte in a file that holds several; in a gzipped one, in what that unpacks to. */
  readonly offset?: number;
  /** Its number in a store; in a Parquet file, its row. */
  readonly record?: number;
}

/** A module that exports `openReader(options)`, and the options to call it with, as plain data. */
export interface ReaderDescription {
  readonly module: string;
  readonly options?: unknown;
}

/**
 * An encoded file, a JPEG of which parts can be decoded, or an image that needs no decoding. Valid until the next
 * `read`.
 */
export type Source = Buffer | IntervalJpeg | RawImage;

/** What a reader may give, for messages. */
export const sourceInWords =
  'a Buffer of encoded bytes, or { data: u8 RGB of width * height * 3 bytes, width, height }';

/** Too few bytes would leave a part of the image before in the memory that is used again. */
export function checkRawImage(image: RawImage): RawImage {
  if (isRawImage(image)) return image;
  throw new DataError('INVALID_IMAGE', `the reader must give ${sourceInWords}`);
}

export interface Reader {
  read(locator: unknown): Source | Promise<Source>;
  /**
   * For a reader that has to wait for its samples: these are read soon, probably in this order, and may be asked for
   * already. It is called with a task's rows when a thread is given the task, which is while the task before runs; so what
   * is kept is of two calls at most. What goes wrong is an error of the sample's `read`.
   */
  prefetch?(locators: readonly unknown[]): void;
  close(): void | Promise<void>;
}

/** The module's reader. It may be closed twice, and gives nothing afterwards: its files are closed. */
export async function openReader({ module, options }: ReaderDescription): Promise<Reader> {
  const { openReader: open } = (await importModule(module)) as {
    openReader(options: unknown): Reader | Promise<Reader>;
  };
  const reader = await open(options);
  let closing: Promise<void> | undefined;
  return {
    read(locator) {
      if (closing === undefined) return reader.read(locator);
      throw new BackendError('READER_CLOSED', `${module}: the reader is closed; open another one`);
    },
    ...(reader.prefetch && {
      prefetch: (locators: readonly unknown[]) =>
        closing === undefined ? reader.prefetch?.(locators) : undefined,
    }),
    close() {
      closing ??= closeReader(reader);
      return closing;
    },
  };
}

// a reader may throw here at once: it counts as closed then, too
const closeReader = async (reader: Reader): Promise<void> => reader.close();

const LENGTHS_AT_ONCE = 64;

/**
 * SHA-256 over the ordered (key, label or labels, byte length) of all samples: the same for a folder and for a store imported
 * from it losslessly.
 */
export async function datasetDigest(dataset: Dataset): Promise<string> {
  const hash = new DatasetHash();
  for await (const sample of samplesOf(dataset)) hash.add(sample);
  return hash.digest(dataset.variant);
}

/** What the digest knows of a sample. */
export interface SampleIdentity {
  readonly key: string;
  readonly label: number;
  /** Of a dataset whose samples may have several. */
  readonly labels?: readonly number[];
  readonly byteLength: number;
}

export class DatasetHash {
  readonly #hash = createHash('sha256');

  add({ key, label, labels, byteLength }: SampleIdentity): void {
    this.#hash.update(`${JSON.stringify([key, labels ?? label, byteLength])}\n`);
  }

  digest(variant?: string): string {
    if (variant !== undefined) this.#hash.update(JSON.stringify({ variant }));
    return this.#hash.digest('hex');
  }
}

/** Identities of the samples from index `from` to before `to`, in order; byte lengths are asked for many at a time. */
export async function* samplesOf(
  dataset: Dataset,
  from = 0,
  to: number = dataset.length,
): AsyncGenerator<SampleIdentity> {
  for (let first = from; first < to; first += LENGTHS_AT_ONCE) {
    const indices = Array.from({ length: Math.min(LENGTHS_AT_ONCE, to - first) }, (_, i) => first + i);
    const lengths = await Promise.all(indices.map((index) => dataset.byteLength(index)));
    for (const [i, index] of indices.entries())
      yield {
        ...{ key: dataset.key(index), label: dataset.label(index), byteLength: lengths[i] as number },
        ...(dataset.labels && { labels: dataset.labels(index) }),
      };
  }
}
