import { ParameterError } from '../../core/errors.ts';
import { isRawImage, type RawImage } from '../../core/image.ts';
import { listOf, type RowLabels } from '../../core/multi-labels.ts';
import { namelessClass, numberedClasses } from '../class-names.ts';
import { type Dataset, defineDataset } from '../dataset.ts';

/** An image held in memory: an encoded file (JPEG, PNG, ...) or raw RGB pixels. */
export interface ImageItem {
  readonly image: Uint8Array | RawImage;
  /** Class index, 0 or above. Left out: no label (-1). */
  readonly label?: number;
  /** Instead of `label`, where an image may have several classes or none: class indices, each once. */
  readonly labels?: readonly number[];
  /** Name in messages and batches; in a dataset no other image may have it. Default: its number in the sequence. */
  readonly key?: string;
}

interface SampleName extends RowLabels {
  readonly key: string;
}

/** Images that are in memory already. They are copied once, into memory that all worker threads share. */
export function images(
  items: Iterable<ImageItem>,
  options: { readonly classes?: readonly string[] } = {},
): Dataset {
  if (typeof Object(items)[Symbol.iterator] !== 'function')
    throw new ParameterError('NO_IMAGES', `images: expected a list of { image, label }, got ${items}`);
  const samples = Array.from(items, (item, index) => ({
    key: item.key ?? String(index),
    ...labelsOfItem(item, index),
    image: shareImage(item.image),
  }));
  if (samples.length === 0)
    throw new ParameterError('NO_IMAGES', 'images: expected at least one image, got none');
  const classes = options.classes ?? numberedClasses(samples.flatMap(listOf));
  checkSamples(samples, classes.length);
  const areSeveral = samples.some(({ labels }) => labels !== undefined);
  const at = (index: number) => samples[index] as (typeof samples)[number];
  return defineDataset({
    name: `images(${samples.length})`,
    length: samples.length,
    classes,
    key: (index) => at(index).key,
    label: (index) => at(index).label,
    ...(areSeveral && { labels: (index: number) => listOf(at(index)) }),
    locator: (index) => at(index).image,
    byteLength: async (index) => bytesOf(at(index).image).length,
    reader: memoryReader,
  });
}

function checkSamples(samples: readonly SampleName[], classCount: number): void {
  const keys = new Set<string>();
  for (const [index, { key, ...labels }] of samples.entries()) {
    const nameless = listOf(labels).find((label) => label >= classCount);
    if (nameless !== undefined)
      throw new ParameterError(
        'INVALID_LABEL',
        `images: label of image ${index}: ${namelessClass(nameless, classCount)}`,
      );
    if (typeof key !== 'string' || keys.has(key)) {
      const got = typeof key === 'string' ? `'${key}' again` : String(key);
      throw new ParameterError(
        'INVALID_KEY',
        `images: key of image ${index} must be a text that no other image has, got ${got}`,
      );
    }
    keys.add(key);
  }
}

/** Reads images whose locator is the image itself, in shared memory. */
export const memoryReader = { module: new URL('./memory-reader.js', import.meta.url).href };

/** The image on shared memory: posting it to a thread then moves no bytes. */
export function shareImage(image: Uint8Array | RawImage): Uint8Array | RawImage {
  const bytes = bytesOf(image);
  if (!(bytes instanceof Uint8Array))
    throw new ParameterError(
      'INVALID_IMAGE',
      `images: expected encoded bytes or { data, width, height }, got ${image}`,
    );
  if (!(image instanceof Uint8Array) && !isRawImage(image))
    throw new ParameterError(
      'INVALID_IMAGE',
      `images: raw data must be u8 RGB of width * height * 3 bytes, got ${bytes.length} bytes for ` +
        `${image.width} x ${image.height}`,
    );
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return image instanceof Uint8Array ? shared : { data: shared, width: image.width, height: image.height };
}

const bytesOf = (image: Uint8Array | RawImage) => (image instanceof Uint8Array ? image : image?.data);

/** The label or labels of an image, checked; of several, the first as its label. */
export function labelsOfItem(
  { label, labels }: Pick<ImageItem, 'label' | 'labels'>,
  index: number,
): RowLabels {
  if (labels === undefined) return { label: checkLabel(label ?? -1, index) };
  const areClasses = Array.isArray(labels) && labels.every((one) => Number.isInteger(one) && one >= 0);
  if (!areClasses || new Set(labels).size < labels.length)
    throw invalidLabel(
      `labels of image ${index} must be a list of integers >= 0, each once, got ${JSON.stringify(labels)}`,
    );
  if (label !== undefined) throw invalidLabel(`image ${index} must have a label or labels, got both`);
  const ascending = labels.toSorted((a, b) => a - b);
  return { label: ascending[0] ?? -1, labels: ascending };
}

const invalidLabel = (reason: string): ParameterError =>
  new ParameterError('INVALID_LABEL', `images: ${reason}`);

function checkLabel(label: number, index: number): number {
  if (Number.isInteger(label) && label >= -1) return label;
  throw invalidLabel(`label of image ${index} must be an integer >= 0, got ${label}`);
}
