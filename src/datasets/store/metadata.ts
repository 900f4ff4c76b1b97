import { DataError } from '../../core/errors.ts';
import { listOf, type RowLabels } from '../../core/multi-labels.ts';
import type { RecordKind } from './record.ts';

/** Raised whenever a reader of the version before could misunderstand a store. */
const FORMAT_VERSION = 2;

/** Lists of labels in the entries came with format 2; other stores are still of format 1, for readers of that time. */
export const formatOf = ({ hasLabelLists = false }: Pick<StoreDescription, 'hasLabelLists'>): number =>
  hasLabelLists ? FORMAT_VERSION : 1;

/** How images were changed on their way into the store; those that cannot be decoded stay as they are. */
export interface Reduction {
  /** Longest side in pixels that was kept as it is. */
  readonly maxSide: number;
  /** Of the JPEGs that larger images became, 1..100. */
  readonly quality: number;
}

/** What a store is of; written once. */
export interface StoreDescription {
  readonly format: number;
  /** The dataset that it was imported from. */
  readonly source: string;
  readonly classes: readonly string[];
  /** Where samples may have several classes: entries have the list of them. Left out: each has its one label. */
  readonly hasLabelLists?: boolean;
  /** Samples of the dataset. */
  readonly length: number;
  /** Left out where images are as they were in the source. */
  readonly reduction?: Reduction;
  /** Of a source that was changed before: its variant. */
  readonly sourceVariant?: string;
}

/** What is in the store so far; written with every transaction. */
export interface ImportProgress {
  readonly imported: number;
  readonly kinds: Readonly<Record<RecordKind, number>>;
  /** Samples by class; a last number for those without a label. */
  readonly classCounts: readonly number[];
  /** Of the samples in the source, and of the records. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Why images were not cut into intervals, and how many for each reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** The dataset's, once the import is complete. */
  readonly digest?: string;
}

/** Adds a sample to `classCounts`, to each of its classes. */
export function countLabels(classCounts: number[], of: RowLabels): void {
  const labels = listOf(of);
  for (const place of labels.length === 0 ? [classCounts.length - 1] : labels)
    classCounts[place] = (classCounts[place] ?? 0) + 1;
}

/** Who is importing. */
export interface Importer {
  readonly host: string;
  readonly process: number;
  /** Tells an importer from an earlier one with the same process number. */
  readonly token: string;
  /** When it was last seen, in milliseconds since 1970. */
  readonly seen: number;
}

export const noProgress = (classes: number): ImportProgress => ({
  imported: 0,
  kinds: { intervals: 0, file: 0, raw: 0 },
  classCounts: new Array<number>(classes + 1).fill(0),
  bytesBefore: 0,
  bytesAfter: 0,
  reasons: {},
});

/** Throws for a store of a format that is too new. */
export function checkFormat(path: string, description: StoreDescription | undefined): void {
  if (description === undefined || description.format <= FORMAT_VERSION) return;
  throw new DataError(
    'STORE_VERSION',
    `${path}: a newer millrace wrote this store (format ${description.format}, this one reads up to ` +
      `${FORMAT_VERSION}); update millrace`,
  );
}
