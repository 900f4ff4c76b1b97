import type { Dataset } from '../../datasets/dataset.ts';
import type { QuarantineRecord } from './record.ts';

/** Whether a record may be of a sample of this dataset: not if both say which split they are of, and differ. */
export function isOfSplit({ split }: QuarantineRecord, dataset: Pick<Dataset, 'split'>): boolean {
  return split === undefined || dataset.split === undefined || split === dataset.split;
}

/** Keys of the quarantined samples that may be in the dataset. */
export function quarantinedKeys(
  records: readonly QuarantineRecord[],
  dataset: Pick<Dataset, 'split'>,
): Set<string> {
  return new Set(records.filter((record) => isOfSplit(record, dataset)).map(({ key }) => key));
}
