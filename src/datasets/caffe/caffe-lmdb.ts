import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { namelessClass, numberedClasses } from '../class-names.ts';
import { equalTexts } from '../columns/equal-texts.ts';
import { NumberColumn } from '../columns/number-column.ts';
import { TextColumn } from '../columns/text-column.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { nameInWords } from '../opening/file-path.ts';
import { splitIn } from '../opening/split.ts';
import { FileWindow } from '../pieces/file-window.ts';
import type { LabelFault } from '../tar/sample-label.ts';
import { WireError } from '../wire-reader.ts';
import type { CaffeLocator, CaffeReaderOptions } from './caffe-reader.ts';
import { type Datum, type DatumSize, readDatum } from './datum.ts';
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
  const datums = listDatums(file);
  const classes = given ?? numberedClasses(datums.labels);
  checkLabels(file, datums, classes);
  const split = splitIn(basename(dirname(resolve(file))));
  return defineDataset({
    name: `caffeLmdb(${path})`,
    ...(split !== undefined && { split }),
    length: datums.keys.length,
    classes,
    key: keysOf(datums.keys),
    label: (index) => datums.labels.at(index),
    locator: (index) => datums.locator(index),
    place: (index) => ({ path: file, offset: datums.offsets.at(index) }),
    byteLength: async (index) => datums.lengths.at(index),
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

/** Where each image is, and its class, in columns. */
class Datums {
  readonly keys = new TextColumn();
  readonly offsets = new NumberColumn();
  readonly lengths = new NumberColumn();
  /** -1 where there is none. */
  readonly labels = new NumberColumn();
  readonly #faults = new Map<number, LabelFault>();
  /** Of an image that is not encoded; 0 of one that is. */
  readonly #channels = new NumberColumn();
  readonly #widths = new NumberColumn();
  readonly #heights = new NumberColumn();

  add(key: string, { data, size, label }: Datum): void {
    if (typeof label === 'object') this.#faults.set(this.keys.length, label);
    this.labels.push(typeof label === 'object' ? -1 : label);
    this.keys.push(key);
    this.offsets.push(data.start);
    this.lengths.push(data.end - data.start);
    this.#channels.push(size?.channels ?? 0);
    this.#widths.push(size?.width ?? 0);
    this.#heights.push(size?.height ?? 0);
  }

  locator(index: number): CaffeLocator {
    const [size, fault] = [this.#sizeOf(index), this.#faults.get(index)];
    const place = {
      key: this.keys.at(index),
      offset: this.offsets.at(index),
      length: this.lengths.at(index),
    };
    return { ...place, ...(size && { size }), ...(fault && { fault }) };
  }

  #sizeOf(index: number): DatumSize | undefined {
    const channels = this.#channels.at(index) as 0 | 1 | 3;
    return channels === 0
      ? undefined
      : { channels, width: this.#widths.at(index), height: this.#heights.at(index) };
  }
}

function listDatums(path: string): Datums {
  const datums = new Datums();
  const file = new FileWindow(path);
  try {
    for (const entry of lmdbEntries(file)) {
      const key = nameInWords(entry.key);
      datums.add(key, parse(file, entry, key));
    }
  } finally {
    file.close();
  }
  if (datums.keys.length === 0) throw new DataError('NO_IMAGES', `${path}: has no entries`);
  const { fault, key } = datums.locator(0);
  if (fault !== undefined && datums.labels.find((label) => label !== -1) === undefined)
    throw new DataError(fault.code, `${path}: ${key}: ${fault.message}, and no other has one`);
  return datums;
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

/** The paths in the keys, where all have one that no other has; else the whole keys. */
function keysOf(keys: TextColumn): (index: number) => string {
  const path = (index: number): string => /^\d+_(.+)$/s.exec(keys.at(index))?.[1] ?? '';
  const whole = (index: number): string => keys.at(index);
  for (let index = 0; index < keys.length; index++) if (path(index) === '') return whole;
  return equalTexts(keys.length, path) === undefined ? path : whole;
}

function checkLabels(file: string, { labels, keys }: Datums, classes: readonly string[]): void {
  for (let index = 0; index < labels.length; index++) {
    if (labels.at(index) < classes.length) continue;
    const reason = namelessClass(labels.at(index), classes.length);
    throw new DataError('INVALID_CLASS', `${file}: ${keys.at(index)}: ${reason}`);
  }
}
