import { resolve } from 'node:path';
import type { Batch, Substitution } from '../../core/batch.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { placeOf } from '../../datasets/sample.ts';
import { QuarantineFile } from './quarantine-file.ts';
import type { QuarantineRecord } from './record.ts';

/** Writes down the bad samples of one run over a dataset. */
export class Quarantine {
  readonly #file: QuarantineFile;
  readonly #dataset: Dataset;

  constructor(path: string, dataset: Dataset) {
    this.#file = new QuarantineFile(path);
    this.#dataset = dataset;
  }

  add(substitution: Substitution, { epoch, index }: Pick<Batch, 'epoch' | 'index'>): void {
    const { id, key, operator, code, message, firstBytes = null, row } = substitution;
    const { name, split } = this.#dataset;
    const place = placeOf(this.#dataset, id);
    const record: QuarantineRecord = {
      // first, so that a line which was cut is known by its beginning
      key,
      ...(split !== undefined && { split }),
      dataset: name,
      id,
      ...(place && { ...place, path: resolve(place.path) }),
      ...(operator !== undefined && { operator }),
      ...{ code, message, firstBytes, epoch, batch: index, row },
      time: new Date().toISOString(),
    };
    this.#file.write(record);
  }

  close(): void {
    this.#file.close();
  }
}
