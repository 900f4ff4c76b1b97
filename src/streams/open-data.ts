import type { Dataset } from '../datasets/dataset.ts';
import { excluding } from '../datasets/excluding.ts';
import { KnownAddresses } from '../datasets/opening/known-addresses.ts';
import { divisionOf, openDataset, splitsOf } from '../datasets/opening/open-dataset.ts';
import { type SourceOptions, sourceOptionsOf } from '../datasets/opening/source-kind.ts';
import { shownSource } from '../datasets/opening/source-path.ts';
import { placesInWords, type Split, splitsIn } from '../datasets/opening/split.ts';
import { isOfSplit, quarantinedKeys } from '../engine/quarantine/excluded.ts';
import { readQuarantine } from '../engine/quarantine/read-quarantine.ts';
import type { QuarantineRecord } from '../engine/quarantine/record.ts';
import { partsOfFold, type SelectionOptions, selected } from './selection.ts';

/** Of every job that reads data: how, and what of them. */
export interface ReadingOptions extends SourceOptions {
  /** Quarantine files whose samples are left out. */
  readonly exclude?: readonly string[] | undefined;
}

export interface OpenDataOptions extends ReadingOptions, SelectionOptions {
  /** Which split is taken of a path that is divided. */
  readonly split?: Split | undefined;
  /** Which splits the caller takes of it altogether, for the line that says so. Default: this one. */
  readonly uses?: readonly Split[] | undefined;
  /** What the same run has found at addresses. */
  readonly known?: KnownAddresses | undefined;
}

/** Those of a job's options that say how its data are read. */
export const readingOf = (options: ReadingOptions): ReadingOptions => ({
  exclude: options.exclude,
  ...sourceOptionsOf(options),
});

/**
 * A dataset, or the one at a path: the samples that are selected, of a fold those to train on, without those to exclude. `tell`
 * hears what was taken of a path that is divided, which files are no samples, and how many samples are left out.
 */
export async function openData(
  data: string | Dataset,
  given: OpenDataOptions,
  tell: (message: string) => void,
): Promise<Dataset> {
  const { split, uses, exclude = [], subset, onlyClasses, fold, ...options } = given;
  const known = options.known ?? new KnownAddresses();
  const whole =
    typeof data === 'string'
      ? await openDataset(data, { ...options, ...(split && { split }), known, onMessage: tell })
      : data;
  const taken = typeof data === 'string' ? await takenOf(data, whole, { split, uses, known }) : undefined;
  const notes = [taken, whole.passedOver].filter((note) => note !== undefined);
  if (notes.length > 0)
    tell(`${typeof data === 'string' ? shownSource(data) : whole.name}: ${notes.join('; ')}`);
  const dataset = selected(whole, { subset, onlyClasses }, tell);
  const left = exclude.length === 0 ? dataset : without(dataset, exclude, tell);
  return fold === undefined ? left : partsOfFold(left, fold, tell).train;
}

/** Leaves out the samples that quarantine files list. */
function without(dataset: Dataset, exclude: readonly string[], tell: (message: string) => void): Dataset {
  const records = exclude.flatMap(readQuarantine);
  const left = excluding(dataset, quarantinedKeys(records, dataset));
  const unknown = left.unknownKeys.length;
  const others = unknown === 0 ? '' : `; ${unknown} that the files name are not in it`;
  const count = `${left.excluded} of ${dataset.length} samples of ${dataset.name} are left out`;
  tell(`exclude (--exclude): ${count}${others}${recordedOf(records, dataset)}`);
  return left;
}

/** What is evaluated of a path that is divided: val, or test where there is no val; all of one that is not. */
export async function evaluatedSplit(
  path: string,
  known?: KnownAddresses,
): Promise<{ readonly split?: Split }> {
  const found = await splitsOf(path, known);
  if (found.length === 0) return {};
  return { split: found.includes('test') && !found.includes('val') ? 'test' : 'val' };
}

/** `train from Training, val from validation; not used: test`; undefined where there was no choice. */
async function takenOf(
  path: string,
  dataset: Dataset,
  { split, uses = [dataset.split as Split], known }: OpenDataOptions,
): Promise<string | undefined> {
  const division = await divisionOf(path, known);
  const found = splitsIn(division);
  if (found.length === 0) return otherName(dataset, split);
  // another line has said it
  if (uses.length === 0) return undefined;
  const of = (one: Split) => placesInWords(division[one]);
  const taken = found.filter((one) => uses.includes(one)).map((one) => `${one} from ${of(one)}`);
  const others = found.filter((one) => !uses.includes(one)).map(of);
  return `${taken.join(', ')}${others.length === 0 ? '' : `; not used: ${others.join(', ')}`}`;
}

/** Who names data outright means them, but may have mistaken the name. */
function otherName(dataset: Dataset, split: Split | undefined): string | undefined {
  if (split === undefined || dataset.split === undefined || dataset.split === split) return undefined;
  return `is taken for ${split}, although its name says ${dataset.split}`;
}

/** A folder that was moved, a store of it, or quite other data with the same keys: people can tell. */
function recordedOf(records: readonly QuarantineRecord[], data: Dataset): string {
  const names = new Set(records.filter((record) => isOfSplit(record, data)).map(({ dataset }) => dataset));
  if (names.size === 0 || names.has(data.name)) return '';
  return `; the records are of ${[...names].join(', ')}`;
}
