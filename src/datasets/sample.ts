import { DataError, isSystemError, MillraceError, ParameterError } from '../core/errors.ts';
import type { RowLabels } from '../core/multi-labels.ts';
import { pluginError } from '../core/plugin.ts';
import type { Dataset, SamplePlace } from './dataset.ts';
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
    const label = dataset.label(index);
    method = 'labels';
    const labels = labelsOf(dataset, index);
    method = 'locator';
    return { key, label, ...(labels && { labels }), locator: dataset.locator(index) };
  } catch (cause) {
    throw datasetError(dataset, method, index, cause);
  }
}

/** Of a sample that may have several. Digests, and sums of targets, rely on their order and on each being there once. */
function labelsOf(dataset: Dataset, index: number): readonly number[] | undefined {
  const labels = dataset.labels?.(index);
  if (labels === undefined || areLabels(labels, dataset.classes.length)) return labels;
  const expected = `class indices 0..${dataset.classes.length - 1}, ascending and each once`;
  throw new ParameterError(
    'INVALID_LABEL',
    `${dataset.name}: labels(${index}) must give ${expected}, got ${JSON.stringify(labels)}`,
  );
}

const areLabels = (labels: readonly number[], classes: number): boolean =>
  Array.isArray(labels) &&
  labels.every((label, i) => Number.isInteger(label) && label > (labels[i - 1] ?? -1) && label < classes);

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
