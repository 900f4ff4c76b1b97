import type { Dataset } from '../datasets/dataset.ts';
import { excluding } from '../datasets/excluding.ts';
import { openDataset, splitsOf } from '../datasets/open-dataset.ts';
import type { Split } from '../datasets/split.ts';
import { isOfSplit, quarantinedKeys } from '../engine/quarantine/excluded.ts';
import { readQuarantine } from '../engine/quarantine/read-quarantine.ts';
import type { QuarantineRecord } from '../engine/quarantine/record.ts';

export interface OpenDataOptions {
  /** Which split is taken of a path that is divided. */
  readonly split?: Split;
  /** Quarantine files whose samples are left out. */
  readonly exclude?: readonly string[] | undefined;
}

/**
 * A dataset, or the one at a path, without the samples to exclude. `tell` hears how many those are, and which files are no
 * samples.
 */
export function openData(
  data: string | Dataset,
  { split, exclude = [] }: OpenDataOptions,
  tell: (message: string) => void,
): Dataset {
  const dataset = typeof data === 'string' ? openDataset(data, split === undefined ? {} : { split }) : data;
  if (dataset.passedOver !== undefined) tell(`${dataset.name}: ${dataset.passedOver}`);
  if (exclude.length === 0) return dataset;
  const records = exclude.flatMap(readQuarantine);
  const left = excluding(dataset, quarantinedKeys(records, dataset));
  const unknown = left.unknownKeys.length;
  const others = unknown === 0 ? '' : `; ${unknown} that the files name are not in it`;
  const count = `${left.excluded} of ${dataset.length} samples of ${dataset.name} are left out`;
  tell(`--exclude: ${count}${others}${recordedOf(records, dataset)}`);
  return left;
}

/** A split of a path that is divided; all of one that is not. */
export const splitOf = (path: string, split: Split): { readonly split?: Split } =>
  splitsOf(path).length > 0 ? { split } : {};

/** A folder that was moved, a store of it, or quite other data with the same keys: people can tell. */
function recordedOf(records: readonly QuarantineRecord[], data: Dataset): string {
  const names = new Set(records.filter((record) => isOfSplit(record, data)).map(({ dataset }) => dataset));
  if (names.size === 0 || names.has(data.name)) return '';
  return `; the records are of ${[...names].join(', ')}`;
}
