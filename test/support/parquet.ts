import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Dataset, openReader } from '../../src/datasets/dataset.ts';
import { folderOf } from './folders.ts';

/** What test/golden/make_parquet_golden.py wrote: one table of images, each file another layout of it. */
interface ParquetGolden {
  /** A file of more than 2^32 bytes, most of them zeros: its other blocks, by offset. */
  readonly far: { readonly size: number; readonly blocks: readonly (readonly [number, string])[] };
  readonly classes: readonly string[];
  readonly samples: readonly {
    readonly key: string;
    readonly label: number;
    readonly length: number;
    readonly sha256: string;
  }[];
  readonly images: readonly string[];
  /** Of the samples as they are. */
  readonly layouts: Readonly<Record<string, string>>;
  /** In which something is another way. */
  readonly others: Readonly<Record<string, string>>;
}

export const parquetGolden: ParquetGolden = JSON.parse(
  gunzipSync(readFileSync('test/golden/parquet.json.gz')).toString(),
);

export const layouts = Object.keys(parquetGolden.layouts);

export function parquetBytes(name: string): Buffer {
  const { layouts: same, others } = parquetGolden;
  const packed = same[name] ?? others[name];
  if (packed === undefined) throw new Error(`no file ${name}`);
  return Buffer.from(packed, 'base64');
}

/** The path of a file in a new folder. */
export const parquetFile = (name: string): string =>
  join(folderOf({ 'x.parquet': parquetBytes(name) }), 'x.parquet');

/** The path of the file of more than 2^32 bytes, which takes little room on the disk. */
export function farFile(): string {
  const path = join(folderOf(), 'far.parquet');
  const file = openSync(path, 'w');
  const { size, blocks } = parquetGolden.far;
  ftruncateSync(file, size);
  for (const [at, block] of blocks) writeSync(file, Buffer.from(block, 'base64'), 0, undefined, at);
  closeSync(file);
  return path;
}

/** The same images in class folders. */
export const goldenFolder = (): string =>
  folderOf(
    Object.fromEntries(
      parquetGolden.samples.map(({ key }, i) => [
        key,
        Buffer.from(parquetGolden.images[i] as string, 'base64'),
      ]),
    ),
  );

/** SHA-256 of every image of a dataset. */
export const digestsOf = async (dataset: Dataset): Promise<string[]> =>
  (await imagesOf(dataset)).map((image) => createHash('sha256').update(image).digest('hex'));

/** Every image of a dataset, or the message of what is thrown instead. */
export async function imagesOf(dataset: Dataset): Promise<(Buffer | string)[]> {
  const reader = await openReader(dataset.reader);
  const images: (Buffer | string)[] = [];
  for (let index = 0; index < dataset.length; index++) {
    try {
      images.push(Buffer.from((await reader.read(dataset.locator(index))) as Buffer));
    } catch (error) {
      images.push((error as Error).message);
    }
  }
  await reader.close();
  return images;
}
