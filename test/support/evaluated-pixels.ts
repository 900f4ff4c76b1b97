import { join } from 'node:path';
import sharp from 'sharp';
import {
  centerCrop,
  type Dataset,
  decode,
  imageFolder,
  images,
  normalize,
  pipeline,
  resize,
  type Step,
} from '../../src/index.ts';
import { writeFiles } from './folders.ts';
import { photo } from './photos.ts';
import { addRows, type RowsSeen } from './recording-trainer.ts';
import { importTo } from './stores.ts';
import { tarOf } from './tar.ts';

/** Three JPEGs of each of three classes, large enough that a store reads a part of each. */
async function jpegs(): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  for (const [c, name] of ['cat', 'dog', 'fox'].entries())
    for (let i = 0; i < 3; i++) files[`${name}/${i}.jpg`] = await photo(c * 3 + i, 300, 200);
  return files;
}

/** The same JPEGs as a folder, a tar and a store below `root`: their paths. */
export async function jpegSources(root: string): Promise<{ folder: string; tar: string; store: string }> {
  const files = await jpegs();
  const [folder, tar, store] = ['folder', 'a.tar', 'a.lmdb'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  const members = Object.entries(files).flatMap(([name, data]) => [
    { name: name.replace('/', '-'), data },
    { name: name.replace('/', '-').replace('.jpg', '.cls'), data: name.slice(0, 3) },
  ]);
  writeFiles(folder, files);
  writeFiles(root, { 'a.tar': tarOf(members) });
  await importTo(imageFolder(folder), store);
  return { folder, tar, store };
}

/** The rows that an evaluation at 32 pixels should see: of sharp's pixels, which are Pillow's; and of the fast DCT's. */
export async function evaluatedRows(
  interpolation: 'bilinear' | 'bicubic',
): Promise<{ accurate: RowsSeen; fast: RowsSeen }> {
  const afterDecoding = [resize({ shortSide: 37, interpolation }), centerCrop(32), normalize()];
  const files = Object.values(await jpegs());
  const decoded = await Promise.all(
    files.map((file) => sharp(file).raw().toBuffer({ resolveWithObject: true })),
  );
  const raw = decoded.map(({ data, info: { width, height } }) => ({ image: { data, width, height } }));
  return {
    accurate: await rowsOf(images(raw), afterDecoding),
    fast: await rowsOf(images(files.map((image) => ({ image }))), [
      decode({ dct: 'fast' }),
      ...afterDecoding,
    ]),
  };
}

/** What a pipeline of these steps makes of the samples, row by row. */
export async function rowsOf(dataset: Dataset, steps: readonly Step[]): Promise<RowsSeen> {
  const rows: RowsSeen = new Set();
  const stream = pipeline(dataset, { workers: 0, batchSize: 4, backend: 'reference' });
  for await (const batch of stream.pipe(...steps)) await addRows(batch, rows);
  return rows;
}
