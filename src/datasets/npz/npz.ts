import { DataError } from '../../core/errors.ts';
import { numberedKey } from '../columns/numbered-keys.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import type { Split } from '../opening/split.ts';
import { type RawLayout, type RawReaderOptions, rawImageBytes, rawReader } from '../raw/raw-reader.ts';
import { type NpzArray, NpzFile } from './npz-arrays.ts';
import { readLabels } from './npz-labels.ts';
import { chooseArrays, labelArrays } from './npz-splits.ts';

export interface NpzOptions {
  /** Which arrays of a file that has several: `train_images`, `val_images`, ... Default 'train'. */
  readonly split?: Split;
  /** Names of the classes 0, 1, 2, ... Default: their numbers, up to the highest that there is. */
  readonly classes?: readonly string[];
}

/**
 * Images in a file of NumPy's arrays: u8 [n, h, w] (gray), [n, h, w, 1] or [n, h, w, 3], and a class each as integers [n] or
 * [n, 1], or zeros and ones with a column per class, [n, classes]: images then have one class each where every row of the file has
 * a single one, else several or none. The arrays are called `train_images` and `train_labels` (MedMNIST), or `x_train` and `y_train` (Keras), or so for
 * val and test; in an undivided file `images` and `labels`, or `x` and `y`. Images that are not packed (`savez`) are read in
 * place; packed ones (`savez_compressed`) are held once, in memory that all threads share. Keys are the class and the
 * sample's number: `7/00000`.
 */
export function npz(path: string, options: NpzOptions = {}): Dataset {
  const file = new NpzFile(path);
  try {
    return openArrays(path, file, options);
  } finally {
    file.close();
  }
}

function openArrays(path: string, file: NpzFile, options: NpzOptions): Dataset {
  const names = chooseArrays(path, file.names, options.split ?? 'train');
  if (!file.names.includes(names.labels))
    throw new DataError(
      'MISSING_ARRAY',
      `${path}: has no array ${names.labels} with the classes of ${names.images}`,
    );
  const images = file.array(names.images);
  const size = imageSize(file, images);
  const all = labelArrays(file.names);
  const wanted = { name: names.labels, all, images, classes: options.classes };
  const { labels, lists, classes } = readLabels(file, wanted);
  const length = labels.length;
  const offset = (index: number) => images.offset + index * rawImageBytes(size);
  return defineDataset({
    name: `npz(${path}, ${names.images})`,
    ...(names.split && { split: names.split }),
    length,
    classes,
    key: (index) => numberedKey(classes[labels[index] as number], index, length),
    label: (index) => labels[index] as number,
    ...(lists && { labels: (index) => lists[index] as readonly number[] }),
    locator: (index) => [0, offset(index)],
    // in a packed array, in what it unpacks to
    place: (index) => ({ path, offset: offset(index) }),
    byteLength: async () => rawImageBytes(size),
    reader: rawReader({
      paths: [path],
      ...size,
      ...(images.unpacked && { unpacked: shared(images.unpacked) }),
    }),
  });
}

function imageSize(
  file: NpzFile,
  { name, type, shape }: NpzArray,
): Pick<RawReaderOptions, 'width' | 'height' | 'layout'> {
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const isImages = shape.length === 3 || (shape.length === 4 && (channels === 1 || channels === 3));
  const layout: RawLayout = channels === 1 ? 'gray' : 'pixels';
  if (type === '|u1' && isImages && count > 0 && height > 0 && width > 0) return { width, height, layout };
  const expected = 'expected images as u8 of sizes n x h x w, or n x h x w x c with c 1 or 3';
  throw file.error('NPZ_IMAGES', name, `${expected}, got ${type} of ${shape.join(' x ')}`);
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
