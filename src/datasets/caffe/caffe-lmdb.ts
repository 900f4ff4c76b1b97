import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { namelessClass, numberedClasses } from '../class-names.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { nameInWords } from '../opening/file-path.ts';
import { splitIn } from '../opening/split.ts';
import { FileWindow } from '../pieces/file-window.ts';
import { WireError } from '../wire-reader.ts';
import type { CaffeLocator, CaffeReaderOptions } from './caffe-reader.ts';
import { type Datum, readDatum } from './datum.ts';
import { type LmdbEntry, lmdbEntries } from './lmdb-file.ts';

export interface CaffeLmdbOptions {
  /** Names of the classes 0, 1, 2, ... Default: their numbers, up to the highest that there is. */
  readonly classes?: readonly string[];
}

/**
 * Images in an LMDB of Caffe's: its folder, or the `data.mdb` in it. Values are caffe.Datum with an encoded image or with
 * planes of u8, in the order of the keys. A sample's key is the path after the number that `convert_imageset` writes
 * (`00000012_cat/1.jpg`), where all have one that no other has; else the whole key.
 */
export function caffeLmdb(path: string, { classes: given }: CaffeLmdbOptions = {}): Dataset {
  const file = dataFile(path);
  const { locators, labels } = listDatums(file);
  const keys = shortened(locators.map(({ key }) => key));
  const classes = given ?? numberedClasses(labels);
  checkLabels(file, locators, labels, classes);
  const split = splitIn(basename(dirname(resolve(file))));
  const at = (index: number) => locators[index] as CaffeLocator;
  return defineDataset({
    name: `caffeLmdb(${path})`,
    ...(split !== undefined && { split }),
    length: locators.length,
    classes,
    key: (index) => keys[index] as string,
    label: (index) => labels[index] as number,
    locator: at,
    place: (index) => ({ path: file, offset: at(index).offset }),
    byteLength: async (index) => at(index).length,
    reader: {
      module: new URL('./caffe-reader.js', import.meta.url).href,
      options: { path: file } satisfies CaffeReaderOptions,
    },
  });
}

/** The file with the data in the folder of an LMDB. */
export function dataFile(path: string): string {
  const inside = join(path, 'data.mdb');
  return existsSync(inside) ? inside : path;
}

/** Where each image is, and its class; -1 where it has none. */
function listDatums(path: string) {
  const locators: CaffeLocator[] = [];
  const labels: number[] = [];
  const file = new FileWindow(path);
  try {
    for (const entry of lmdbEntries(file)) {
      const { locator, label } = listDatum(file, entry);
      locators.push(locator);
      labels.push(label);
    }
  } finally {
    file.close();
  }
  if (locators.length === 0) throw new DataError('NO_IMAGES', `${path}: has no entries`);
  const [{ fault, key }] = locators as [CaffeLocator];
  if (fault !== undefined && labels.every((label) => label === -1))
    throw new DataError(fault.code, `${path}: ${key}: ${fault.message}, and no other has one`);
  return { locators, labels };
}

function listDatum(file: FileWindow, entry: LmdbEntry) {
  const key = nameInWords(entry.key);
  const { data, size, label } = parse(file, entry, key);
  const fault = typeof label === 'object' ? label : undefined;
  const place = { key, offset: data.start, length: data.end - data.start };
  const locator: CaffeLocator = { ...place, ...(size && { size }), ...(fault && { fault }) };
  return { locator, label: typeof label === 'number' ? label : -1 };
}

function parse(file: FileWindow, entry: LmdbEntry, key: string): Datum {
  try {
    return readDatum(file, entry);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new DataError('NOT_A_DATUM', `${file.path}: ${key}: expected a caffe.Datum: ${cause.message}`, {
      cause,
    });
  }
}

function shortened(keys: readonly string[]): readonly string[] {
  const paths = keys.map((key) => /^\d+_(.+)$/s.exec(key)?.[1] ?? '');
  return new Set(paths).size === keys.length && !paths.includes('') ? paths : keys;
}

function checkLabels(
  file: string,
  locators: readonly CaffeLocator[],
  labels: readonly number[],
  classes: readonly string[],
): void {
  const index = labels.findIndex((label) => label >= classes.length);
  if (index === -1) return;
  const reason = namelessClass(labels[index] as number, classes.length);
  throw new DataError('INVALID_CLASS', `${file}: ${locators[index]?.key}: ${reason}`);
}
