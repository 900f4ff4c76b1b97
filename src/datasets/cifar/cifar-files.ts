import { basename, join } from 'node:path';
import { isFolderPath, listFolder } from '../folder/folders.ts';
import { type Division, divide, type Split } from '../split.ts';

/** How one of the two data sets lies in its binary version. */
export interface CifarFormat {
  readonly name: 'CIFAR-10' | 'CIFAR-100';
  /** Bytes of the classes before an image. */
  readonly labelBytes: number;
  readonly files: Readonly<Record<'train' | 'test', RegExp>>;
}

const SIDE = 32;
/** An image in the file: a plane each of red, green and blue. */
export const IMAGE_BYTES = 3 * SIDE * SIDE;

export const cifar10: CifarFormat = {
  name: 'CIFAR-10',
  labelBytes: 1,
  files: { train: /^data_batch_\d+\.bin$/i, test: /^test_batch\.bin$/i },
};

/** Its first class is the coarse one of 20, the second the fine one of 100. */
export const cifar100: CifarFormat = {
  name: 'CIFAR-100',
  labelBytes: 2,
  files: { train: /^train\.bin$/i, test: /^test\.bin$/i },
};

export const recordBytes = ({ labelBytes }: CifarFormat): number => labelBytes + IMAGE_BYTES;

/** Which of the two a file or a folder is, by its name and those beside it; undefined where it is neither. */
export function cifarFormat(path: string): CifarFormat | undefined {
  const names = isFolderPath(path) ? listFolder(path).map(({ name }) => name) : [basename(path)];
  const has = ({ files }: CifarFormat) =>
    names.some((name) => files.train.test(name) || files.test.test(name));
  if (has(cifar10)) return cifar10;
  // many files are called train.bin
  return has(cifar100) && isBesideNames(path) ? cifar100 : undefined;
}

function isBesideNames(path: string): boolean {
  const folder = isFolderPath(path) ? path : join(path, '..');
  return listFolder(folder).some(({ name }) => name === 'fine_label_names.txt');
}

/** The files of a folder by split, sorted. */
export function cifarDivision(folder: string, { files }: CifarFormat): Division {
  const names = listFolder(folder).map(({ name }) => name);
  const collator = new Intl.Collator('en', { numeric: true });
  return divide(names.sort(collator.compare), (name) => splitOf(name, files));
}

export function splitOf(name: string, files: CifarFormat['files']): Split | undefined {
  if (files.train.test(name)) return 'train';
  return files.test.test(name) ? 'test' : undefined;
}
