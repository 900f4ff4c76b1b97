import { DataError, isSystemError, MillraceError } from '../core/errors.ts';
import type { RowLabels } from '../core/multi-labels.ts';
import { pluginError } from '../core/plugin.ts';
import { type Dataset, invalidLabel, labelAt, listAt, type SamplePlace } from './dataset.ts';
import { readError } from './pieces/read-fully.ts';

/** What a dataset tells of a sample. */
export interface LocatedSample extends RowLabels {
  readonly key: string;
  readonly locator: unknown;
}

/** Asks the dataset, which a user may have written, for a sample. */
export function locateSample(dataset: Dataset, index: number): LocatedSample {
  let method: keyof Dataset = 'key';
  try {
    const key = dataset.key(index);
    method = 'label';
    const label = labelAt(dataset, index);
    method = 'labels';
    const labels = listAt(dataset, index);
    if (labels !== undefined) checkFirst(dataset, index, label, labels);
    method = 'locator';
    return { key, label, ...(labels && { labels }), locator: dataset.locator(index) };
  } catch (cause) {
    throw datasetError(dataset, method, index, cause);
  }
}

/** Throws where a dataset names one class, and a list of which it is not the first. */
function checkFirst(dataset: Dataset, index: number, label: number, labels: readonly number[]): void {
  if (label === (labels[0] ?? -1)) return;
  const expected = `label(${index}) must give the first of labels(${index}), or -1 where it has none`;
  throw invalidLabel(dataset, expected, { label, labels });
}

/** Where the sample's bytes are, if they are in a file. */
export function placeOf(dataset: Dataset, index: number): SamplePlace | undefined {
  try {
    return dataset.place?.(index);
  } catch (cause) {
    throw datasetError(dataset, 'place', index, cause);
  }
}

/** The length of the sample's file; -1 where it cannot be read. */
export async function lengthOrNone(dataset: Dataset, index: number): Promise<number> {
  try {
    return await dataset.byteLength(index);
  } catch (cause) {
    const error = datasetError(dataset, 'byteLength', index, cause);
    if (error instanceof DataError) return -1;
    throw error;
  }
}

/** What one of the dataset's methods threw: of the system it is of the sample's file. */
function datasetError(dataset: Dataset, method: keyof Dataset, index: number, cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const name = `${dataset.name}: ${method}(${index})`;
  if (isSystemError(cause)) return readError(cause, 'no such file', { prefix: `${name}: ` });
  return pluginError({ kind: 'dataset', name }, cause);
}
