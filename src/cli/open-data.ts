import type { Dataset } from '../datasets/dataset.ts';
import { excluding } from '../datasets/excluding.ts';
import { type OpenDatasetOptions, openDataset } from '../datasets/open-dataset.ts';
import { quarantinedKeys } from '../quarantine/excluded.ts';
import { readQuarantine } from '../quarantine/read-quarantine.ts';
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
  const keys = quarantinedKeys(exclude.flatMap(readQuarantine), dataset);
  const left = excluding(dataset, keys);
  const unknown = left.unknownKeys.length;
  const others = unknown === 0 ? '' : `; ${unknown} that the files name are not in it`;
  log(`--exclude: ${left.excluded} of ${dataset.length} samples of ${dataset.name} are left out${others}`);
  return left;
}
