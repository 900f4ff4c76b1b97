import { DEFAULT_MAX_PIXELS, type DecodeOptions } from '../../backends/decode/decode.ts';
import { readHeader } from '../../backends/decode/header.ts';
import { DataError } from '../core/errors.ts';
import type { Size } from '../core/image.ts';
import { classCounts } from '../datasets/class-counts.ts';
import { type Dataset, datasetDigest, type SamplePlace, type Source } from '../datasets/dataset.ts';
import { divisionOf } from '../datasets/opening/open-dataset.ts';
import { type Division, type Split, splitsIn } from '../datasets/opening/split.ts';
import { lengthOrNone, locateSample, placeOf } from '../datasets/sample.ts';
import { SampleReader } from '../datasets/sample-reader.ts';
import { decodeSource, encodedFile } from '../engine/rows/decode-source.ts';
import { openData, type ReadingOptions, readingOf } from '../streams/open-data.ts';

export interface InspectOptions extends ReadingOptions {
  /** Which split of a path that holds several. Default 'train', or the first that it has. */
  readonly split?: Split | undefined;
  /** How many samples are read and decoded, spread over all. Default 64. */
  readonly samples?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with how many of `of` samples are done. */
  readonly onProgress?: (done: number, of: number) => void;
  /** Hears what is passed over, and which options say nothing. */
  readonly onMessage?: (message: string) => void;
}

/** Why a sample is bad. */
export interface BadSample {
  readonly key: string;
  readonly code: string;
  readonly message: string;
}

/** What a dataset is, as plain data. */
export interface DatasetInspection {
  readonly name: string;
  /** The splits that the path holds, and where; none where it is undivided. */
  readonly splits: Readonly<Partial<Division>>;
  readonly split?: string | undefined;
  readonly samples: number;
  readonly classes: readonly string[];
  /** Samples of each class; of samples with several, each counts. */
  readonly classCounts: readonly number[];
  readonly unlabelled: number;
  /** Whether samples may have several classes. */
  readonly severalLabels: boolean;
  /** Bytes of all samples as they are stored, encoded. */
  readonly bytes: number;
  /** Samples whose bytes cannot be reached: files that are missing. */
  readonly missing: number;
  readonly digest: string;
  /** Where the first sample is. */
  readonly place?: SamplePlace | undefined;
  /** Samples that were read and decoded. */
  readonly lookedAt: number;
  /** Of these: how many are of which format; `raw` for pixels that are not encoded. */
  readonly formats: Readonly<Record<string, number>>;
  /** The least and the most in pixels; undefined where no image is good. */
  readonly width?: readonly [least: number, most: number] | undefined;
  readonly height?: readonly [least: number, most: number] | undefined;
  readonly bad: readonly BadSample[];
}

const SAMPLES = 64;

/** Looks at a dataset, or the one at a path: what it holds, its digest, and whether some samples of it are good. */
export async function inspectDataset(
  data: string | Dataset,
  options: InspectOptions = {},
): Promise<DatasetInspection> {
  const { onMessage: tell = () => {}, samples = SAMPLES } = options;
  const splits = typeof data === 'string' ? definedOf(await divisionOf(data)) : {};
  const split =
    options.split ?? (splits.train === undefined ? splitsIn({ ...none, ...splits })[0] : undefined);
  const dataset = await openData(data, { ...readingOf(options), split, uses: [] }, tell);
  const looked = await lookAt(dataset, indicesOf(dataset.length, samples), options.signal);
  const lengths = await measure(dataset, options);
  return {
    ...{ name: dataset.name, splits, split: dataset.split, samples: dataset.length },
    ...countClasses(dataset),
    ...lengths,
    place: placeOf(dataset, 0),
    ...looked,
  };
}

const none: Division = { train: [], val: [], test: [] };

const definedOf = (division: Division): Partial<Division> =>
  Object.fromEntries(splitsIn(division).map((split) => [split, division[split]]));

/** So many indices, spread over all samples, the first among them. */
function indicesOf(length: number, count: number): number[] {
  const looked = Math.min(length, Math.max(0, count));
  return Array.from({ length: looked }, (_, at) => Math.floor((at * length) / looked));
}

function countClasses(dataset: Dataset) {
  const { classes, labels } = dataset;
  const { counts, unlabelled } = classCounts(dataset);
  return { classes, classCounts: [...counts], unlabelled, severalLabels: labels !== undefined };
}

/** The lengths of all samples, and the digest, which is of them. */
async function measure(dataset: Dataset, { signal, onProgress }: InspectOptions) {
  let [bytes, missing, done] = [0, 0, 0];
  const byteLength = async (index: number) => {
    signal?.throwIfAborted();
    const length = await lengthOrNone(dataset, index);
    if (length < 0) missing++;
    else bytes += length;
    onProgress?.(++done, dataset.length);
    return length;
  };
  const digest = await datasetDigest({ ...dataset, byteLength });
  return { bytes, missing, digest };
}

const decoding: DecodeOptions = { dct: 'fast', orientation: 'ignore', maxPixels: DEFAULT_MAX_PIXELS };

async function lookAt(dataset: Dataset, indices: readonly number[], signal: AbortSignal | undefined) {
  const reader = await SampleReader.open(dataset.reader);
  const formats: Record<string, number> = {};
  const bad: BadSample[] = [];
  const sizes: Size[] = [];
  try {
    for (const index of indices) {
      signal?.throwIfAborted();
      const sample = locateSample(dataset, index);
      try {
        const source = await reader.read(sample);
        const { width, height } = await decodeSource(source, decoding);
        const format = formatOf(source);
        formats[format] = (formats[format] ?? 0) + 1;
        sizes.push({ width, height });
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        bad.push({ key: sample.key, code: error.code, message: error.message });
      }
    }
  } finally {
    await reader.close();
  }
  const [width, height] = [
    rangeOf(sizes.map((size) => size.width)),
    rangeOf(sizes.map((size) => size.height)),
  ];
  return { lookedAt: indices.length, formats, width, height, bad };
}

function formatOf(source: Source): string {
  const file = encodedFile(source);
  return file === undefined ? 'raw' : readHeader(file).format;
}

const rangeOf = (numbers: readonly number[]): readonly [number, number] | undefined =>
  numbers.length === 0 ? undefined : [Math.min(...numbers), Math.max(...numbers)];
