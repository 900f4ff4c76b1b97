import type { Dataset } from '../../datasets/dataset.ts';
import { excluding } from '../../datasets/excluding.ts';
import { type OpenDatasetOptions, openDataset } from '../../datasets/open-dataset.ts';
import { isOfSplit, quarantinedKeys } from '../../engine/quarantine/excluded.ts';
import { readQuarantine } from '../../engine/quarantine/read-quarantine.ts';
import type { QuarantineRecord } from '../../engine/quarantine/record.ts';
import type { ExcludeFlags } from './bad-data-flags.ts';

/** The dataset that a command reads, without the samples of `--exclude`; says how many those are. */
export function openData(
  path: string,
  options: OpenDatasetOptions,
  { exclude = [] }: ExcludeFlags,
  log: (line: string) => void,
): Dataset {
  const dataset = openDataset(path, options);
  if (exclude.length === 0) return dataset;
  const records = exclude.flatMap(readQuarantine);
  const left = excluding(dataset, quarantinedKeys(records, dataset));
  const unknown = left.unknownKeys.length;
  const others = unknown === 0 ? '' : `; ${unknown} that the files name are not in it`;
  const count = `${left.excluded} of ${dataset.length} samples of ${dataset.name} are left out`;
  log(`--exclude: ${count}${others}${recordedOf(records, dataset)}`);
  return left;
}

/** A folder that was moved, a store of it, or quite other data with the same keys: people can tell. */
function recordedOf(records: readonly QuarantineRecord[], data: Dataset): string {
  const names = new Set(records.filter((record) => isOfSplit(record, data)).map(({ dataset }) => dataset));
  if (names.size === 0 || names.has(data.name)) return '';
  return `; the records are of ${[...names].join(', ')}`;
}
