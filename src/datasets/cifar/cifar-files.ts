import { type Division, divide, type Split } from '../opening/split.ts';

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

/** Which of the two files of these names are; undefined where they are neither. */
export function cifarFormat(names: readonly string[]): CifarFormat | undefined {
  const has = ({ files }: CifarFormat) => names.some((name) => splitOf(name, files) !== undefined);
  if (has(cifar10)) return cifar10;
  // many files are called train.bin
  return has(cifar100) && names.includes('fine_label_names.txt') ? cifar100 : undefined;
}

/** The files by split. */
export const cifarDivision = (names: readonly string[], { files }: CifarFormat): Division =>
  divide(names, (name) => splitOf(name, files));

export function splitOf(name: string, files: CifarFormat['files']): Split | undefined {
  if (files.train.test(name)) return 'train';
  return files.test.test(name) ? 'test' : undefined;
}
