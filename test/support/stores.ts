import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { type Dataset, openReader, type Source } from '../../src/datasets/dataset.ts';
import { type Damage, verifyStore } from '../../src/datasets/store/check-store.ts';
import { type ImportOptions, type ImportReport, importDataset } from '../../src/datasets/store/import.ts';
import { decodeEntry, type Entry } from '../../src/datasets/store/record.ts';
import { openStore } from '../../src/datasets/store/store.ts';

/** Imports on one thread, unless told otherwise. */
export const importTo = (
  dataset: Dataset,
  path: string,
  options: Partial<ImportOptions> = {},
): Promise<ImportReport> => importDataset(dataset, path, { workers: 1, ...options });

/** Everything that a store promises to keep, as comparable data. */
export async function storeContents(path: string) {
  const { entries, records, description, progress, close } = openStore(path);
  const samples = Array.from({ length: progress.imported }, (_, index) => ({
    ...decodeEntry(entries.get(index) as Buffer, description.hasLabelLists),
    record: (records.get(index) as Buffer).toString('base64'),
  }));
  const { source: _source, ...rest } = description;
  const counts = [entries.count, records.count];
  await close();
  return { ...rest, progress, counts, samples };
}

/** Every sample of a dataset as its reader gives it. */
export async function sourcesOf(dataset: Dataset): Promise<(Entry & { readonly source: Source })[]> {
  const reader = await openReader(dataset.reader);
  const samples = [];
  for (let index = 0; index < dataset.length; index++) {
    const source = await reader.read(dataset.locator(index));
    samples.push({
      key: dataset.key(index),
      label: dataset.label(index),
      byteLength: await dataset.byteLength(index),
      source: copyOf(source),
    });
  }
  await reader.close();
  return samples;
}

/** A source is valid until the next read only. */
function copyOf(source: Source): Source {
  if (Buffer.isBuffer(source)) return Buffer.from(source);
  return 'data' in source ? { ...source, data: Buffer.from(source.data) } : structuredClone(source);
}

/** Changes one byte of a sample's record, in the middle, in the store's file. */
export async function damageRecord(path: string, key: string): Promise<void> {
  const { entries, records, progress, close } = openStore(path);
  const index = Array.from({ length: progress.imported }, (_, i) => i).find(
    (i) => decodeEntry(entries.get(i) as Buffer).key === key,
  );
  const record = Buffer.from(records.get(index as number) as Buffer);
  await close();
  const at = readFileSync(path).indexOf(record);
  const middle = at + (record.length >> 1);
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.of((record[record.length >> 1] as number) ^ 0x10), 0, 1, middle);
  closeSync(file);
  if (at === -1) throw new Error(`the record of ${key} is not in the file`);
}

/** Samples that are in a store so far. */
export async function importedOf(path: string): Promise<number> {
  const { progress, close } = openStore(path);
  await close();
  return progress.imported;
}

/** What `inspect --verify` finds. */
export async function verified(path: string): Promise<Damage[]> {
  const opened = openStore(path);
  const damages: Damage[] = [];
  for await (const damage of verifyStore(opened)) damages.push(damage);
  await opened.close();
  return damages;
}
