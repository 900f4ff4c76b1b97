import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { namelessClass, numberedClasses } from '../class-names.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { FileWindow } from '../file-window.ts';
import { isFolderPath } from '../folder/folders.ts';
import { numberedKey } from '../numbered-keys.ts';
import { type RawLocator, rawReader } from '../raw/raw-reader.ts';
import { noSplit, type Split } from '../split.ts';
import {
  type CifarFormat,
  cifar100,
  cifarDivision,
  cifarFormat,
  IMAGE_BYTES,
  recordBytes,
  splitOf,
} from './cifar-files.ts';

export interface CifarOptions {
  /** For a folder: 'train' takes `data_batch_1.bin` and so on, 'test' `test_batch.bin`. Default 'train'. */
  readonly split?: Split;
  /** For CIFAR-100: whether its 20 coarse classes are taken, instead of the 100 fine ones. Default false. */
  readonly coarse?: boolean;
}

/**
 * The images of CIFAR-10 or CIFAR-100 in their binary version: a file (`data_batch_1.bin`, `train.bin`), or the folder that
 * was in the download. Images are read from the files, 32 x 32 in colour. Names of the classes are taken from
 * `batches.meta.txt` or `fine_label_names.txt`; without it they are numbers. Keys are the class and the sample's number:
 * `frog/00000`.
 */
export function cifar(path: string, options: CifarOptions = {}): Dataset {
  const format = cifarFormat(path);
  if (format === undefined) {
    const expected = 'data_batch_1.bin, test_batch.bin; or train.bin, test.bin beside fine_label_names.txt';
    throw new DataError('NOT_CIFAR', `${path}: is no binary version of CIFAR (expected ${expected})`);
  }
  const { paths, split } = chosenFiles(path, format, options.split);
  const classBytes = format === cifar100 && !options.coarse ? 1 : 0;
  const { labels, places } = listImages(paths, format, classBytes);
  const classes = classNames(dirname(paths[0] as string), format, options.coarse) ?? numberedClasses(labels);
  const locator = (index: number): RawLocator => places[index] as RawLocator;
  checkLabels(labels, classes.length, (index) => {
    const [file, offset] = locator(index);
    return `${paths[file]}: record ${Math.floor(offset / recordBytes(format))}`;
  });
  return defineDataset({
    name: `cifar(${path}${options.split === undefined ? '' : `, ${split}`})`,
    ...(split !== undefined && { split }),
    length: labels.length,
    classes,
    key: (index) => numberedKey(classes[labels[index] as number], index, labels.length),
    label: (index) => labels[index] as number,
    locator,
    place: (index) => {
      const [file, offset] = locator(index);
      return { path: paths[file] as string, offset };
    },
    byteLength: async () => IMAGE_BYTES,
    reader: rawReader({ paths, width: 32, height: 32, layout: 'planes' }),
  });
}

function chosenFiles(path: string, format: CifarFormat, wanted: Split = 'train') {
  if (!isFolderPath(path)) {
    const split = splitOf(basename(path), format.files);
    if (wanted === 'train' || wanted === split) return { paths: [path], split };
    throw new DataError('NO_SPLIT', `${path}: is one file, without a ${wanted} split (give its folder)`);
  }
  const division = cifarDivision(path, format);
  const names = division[wanted];
  if (names.length > 0) return { paths: names.map((name) => join(path, name)), split: wanted };
  throw noSplit(path, wanted, division, `split of ${format.name}`);
}

/** The class and the place of each image, in the order of the files. */
function listImages(paths: readonly string[], format: CifarFormat, classByte: number) {
  const labels: number[] = [];
  const places: RawLocator[] = [];
  const step = recordBytes(format);
  for (const [number, path] of paths.entries()) {
    const file = new FileWindow(path);
    try {
      checkSize(file, format);
      for (let at = 0; at < file.size; at += step) {
        labels.push(file.view(at + classByte, 1)[0] as number);
        places.push([number, at + format.labelBytes]);
      }
    } finally {
      file.close();
    }
  }
  return { labels, places };
}

function checkSize({ path, size }: FileWindow, format: CifarFormat): void {
  const bytes = recordBytes(format);
  if (size > 0 && size % bytes === 0) return;
  const expected = `expected records of ${bytes} bytes (${format.labelBytes} of classes, ${IMAGE_BYTES} of pixels)`;
  throw new DataError(
    'CIFAR_SIZE',
    `${path}: is cut, or no ${format.name}: ${expected}, the file has ${size}`,
  );
}

const namesFiles = { fine: 'fine_label_names.txt', coarse: 'coarse_label_names.txt' };

/** A name a line; undefined where there is no such file. */
function classNames(folder: string, format: CifarFormat, coarse: boolean | undefined): string[] | undefined {
  const ofCifar100 = coarse ? namesFiles.coarse : namesFiles.fine;
  const path = join(folder, format === cifar100 ? ofCifar100 : 'batches.meta.txt');
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

function checkLabels(
  labels: readonly number[],
  classCount: number,
  placeOf: (index: number) => string,
): void {
  const index = labels.findIndex((label) => label >= classCount);
  if (index === -1) return;
  const reason = namelessClass(labels[index] as number, classCount);
  throw new DataError('INVALID_CLASS', `${placeOf(index)}: ${reason}`);
}
