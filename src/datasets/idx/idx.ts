import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { namelessClass, numberedClasses } from '../class-names.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { isFolderPath, listFolder } from '../folder/folders.ts';
import { type Split, splits } from '../opening/split.ts';
import { type RawLocator, rawReader } from '../raw/raw-reader.ts';
import { type IdxArray, readIdx } from './idx-file.ts';

export interface IdxOptions {
  /** For a folder with `train-images-*` and `t10k-images-*` files: 'val' takes the second. Default 'train'. */
  readonly split?: Split;
  /** File of the labels. Default: that of the images, with `labels` for `images` and `idx1` for `idx3` or `idx4`. */
  readonly labels?: string;
  /** Names of the classes 0, 1, 2, ... Default: their numbers, up to the highest that there is. */
  readonly classes?: readonly string[];
}

/**
 * Images in IDX files, the format of MNIST: u8 [n, h, w] (gray) or [n, h, w, c] with c 1 or 3, and u8 [n] labels. `path`
 * is the images' file, gzipped or not, or a folder with `train-images-idx3-ubyte` and so on. The images are held once, in
 * memory that all threads share.
 */
export function idxImages(path: string, options: IdxOptions = {}): Dataset {
  const file = imagesFile(path, options.split);
  const images = readIdx(file);
  const [count, height, width, channels] = imageSizes(file, images);
  const labelsPath = options.labels ?? labelsFile(file);
  const labels = readLabels(labelsPath, count, file);
  const classes = options.classes ?? numberedClasses(labels);
  checkLabels(labelsPath, labels, classes.length);
  const imageBytes = height * width * channels;
  const pixels = new Uint8Array(new SharedArrayBuffer(images.data.length));
  pixels.set(images.data);
  const name = basename(file).replace(/\.gz$/i, '');
  const digits = String(count - 1).length;
  const split = splitOf(name);
  return defineDataset({
    name: `idxImages(${file})`,
    ...(split !== undefined && { split }),
    length: count,
    classes,
    key: (index) => `${name}/${String(index).padStart(digits, '0')}`,
    label: (index) => labels[index] as number,
    locator: (index): RawLocator => [0, index * imageBytes],
    place: (index) => ({ path: file, offset: images.headerBytes + index * imageBytes }),
    byteLength: async () => imageBytes,
    reader: rawReader({
      paths: [file],
      unpacked: pixels,
      width,
      height,
      layout: channels === 1 ? 'gray' : 'pixels',
    }),
  });
}

const prefixes: Readonly<Record<Split, string>> = { train: 'train', val: 't10k', test: 'test' };

function splitOf(name: string): Split | undefined {
  return splits.find((split) => name.startsWith(`${prefixes[split]}-images`));
}

/** The images' file of a split in a folder; the unpacked one where there is a gzipped one too. */
export function findIdxImages(folder: string, split: Split): string | undefined {
  const pattern = new RegExp(`^${prefixes[split]}-images[-.]idx[34]-ubyte(\\.gz)?$`, 'i');
  const [name] = listFolder(folder)
    .map((entry) => entry.name)
    .filter((entry) => pattern.test(entry))
    .sort((a, b) => a.length - b.length);
  return name === undefined ? undefined : join(folder, name);
}

function imagesFile(path: string, split: Split | undefined): string {
  if (isFolderPath(path)) {
    const found = findIdxImages(path, split ?? 'train');
    if (found !== undefined) return found;
    const expected = `${prefixes[split ?? 'train']}-images-idx3-ubyte (or idx4; .gz)`;
    throw new DataError('NO_SPLIT', `${path}: has no ${split ?? 'train'} images (expected ${expected})`);
  }
  if ((split ?? 'train') === 'train') return path;
  throw new DataError('NO_SPLIT', `${path}: is one file, without a ${split} split (give its folder)`);
}

function imageSizes(path: string, { sizes }: IdxArray): [n: number, h: number, w: number, c: number] {
  const [count = 0, height = 0, width = 0, channels = 1] = sizes;
  const isImages = sizes.length === 3 || (sizes.length === 4 && (channels === 1 || channels === 3));
  if (isImages && count > 0 && height > 0 && width > 0) return [count, height, width, channels];
  const expected = 'expected images of sizes n x h x w, or n x h x w x c with c 1 or 3';
  throw new DataError('IDX_SIZE', `${path}: ${expected}, got ${sizes.join(' x ')}`);
}

/** Gzipped or not, whichever there is: one of the two files may have been unpacked. */
function labelsFile(images: string): string {
  const name = basename(images).replace(/\.gz$/i, '');
  const derived = name.replace('images', 'labels').replace(/idx[34]/, 'idx1');
  const path = join(dirname(images), derived);
  const found = [path, `${path}.gz`].find((candidate) => existsSync(candidate));
  if (derived !== name && found !== undefined) return found;
  const expected =
    derived === name ? "named like the images', with `labels` for `images`" : `${path} or ${path}.gz`;
  throw new DataError(
    'MISSING_FILE',
    `${images}: has no file of labels (expected ${expected}; or give \`labels\`)`,
  );
}

function readLabels(path: string, count: number, images: string): Uint8Array {
  const { sizes, data } = readIdx(path);
  if (sizes.length !== 1)
    throw new DataError('IDX_SIZE', `${path}: expected labels of size n, got ${sizes.join(' x ')}`);
  if (data.length === count) return data;
  throw new DataError(
    'IDX_COUNT',
    `${path}: expected a label for each of ${count} images in ${images}, got ${data.length}`,
  );
}

function checkLabels(path: string, labels: Uint8Array, classCount: number): void {
  const index = labels.findIndex((label) => label >= classCount);
  if (index === -1) return;
  const reason = namelessClass(labels[index] as number, classCount);
  throw new DataError('INVALID_CLASS', `${path}: label ${index}: ${reason}`);
}
