import { DEFAULT_MAX_PIXELS } from '../../backends/decode/decode.ts';
import { MillraceError } from '../core/errors.ts';
import { classCounts } from '../datasets/class-counts.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { locateSample } from '../datasets/sample.ts';
import { SampleReader } from '../datasets/sample-reader.ts';
import { sourceSize } from '../engine/rows/decode-source.ts';

/** How many times the smallest class fits into the largest before it is worth a word. */
const UNBALANCED = 10;
/** Images whose headers are looked at. */
const SAMPLED = 16;

/**
 * What people should know of the training data, a line each.
 *
 * @param areWeighed whether small classes count as much as large ones already
 */
export const classWarnings = (dataset: Dataset, areWeighed = false): string[] => {
  const counts = countLabels(dataset);
  const [first] = counts;
  if (first === undefined) return [];
  // of several classes an image may have all, or the one that there is, or none
  if (counts.length === 1 && dataset.labels === undefined)
    return [`all ${first.images} images are of one class, ${first.name}: there is nothing to tell apart`];
  const most = counts.reduce((a, b) => (b.images > a.images ? b : a));
  const least = counts.reduce((a, b) => (b.images < a.images ? b : a));
  const times = Math.floor(most.images / least.images);
  if (times < UNBALANCED || areWeighed) return [];
  const figures = `${most.name} has ${times} times the images of ${least.name}, ${most.images} to ${least.images}`;
  return [`the classes are unbalanced: ${figures}; small classes may be learned badly`];
};

interface ClassCount {
  readonly name: string;
  readonly images: number;
}

/** Of the classes that have images. */
const countLabels = (dataset: Dataset): ClassCount[] =>
  Array.from(classCounts(dataset).counts, (images, label) => ({
    name: dataset.classes[label] as string,
    images,
  })).filter(({ images }) => images > 0);

/** Says where the images are less than half as large as what is made of them, by the headers of a few. */
export async function sizeWarnings(dataset: Dataset, imageSize: number): Promise<string[]> {
  const sides = (await shorterSides(dataset)).sort((a, b) => a - b);
  const median = sides[Math.floor(sides.length / 2)];
  if (median === undefined || median >= imageSize / 2) return [];
  const found = `half of ${sides.length} images looked at have a shorter side of at most ${median} pixels`;
  return [
    `the images are small: ${found}, and are enlarged to ${imageSize}: a smaller --image-size is faster`,
  ];
}

/** Of images evenly spread over the dataset. Those that cannot be read are the stream's to tell of. */
async function shorterSides(dataset: Dataset): Promise<number[]> {
  const count = Math.min(SAMPLED, dataset.length);
  const sides: number[] = [];
  const reader = await SampleReader.open(dataset.reader);
  try {
    for (let i = 0; i < count; i++) {
      const side = await shorterSide(reader, dataset, Math.floor((i * dataset.length) / count));
      if (side !== undefined) sides.push(side);
    }
  } finally {
    await reader.close();
  }
  return sides;
}

async function shorterSide(
  reader: SampleReader,
  dataset: Dataset,
  index: number,
): Promise<number | undefined> {
  try {
    const source = await reader.read(locateSample(dataset, index));
    const { width, height } = sourceSize(source, decoding);
    return Math.min(width, height);
  } catch (error) {
    if (error instanceof MillraceError) return undefined;
    throw error;
  }
}

const decoding = { dct: 'fast', orientation: 'ignore', maxPixels: DEFAULT_MAX_PIXELS } as const;
