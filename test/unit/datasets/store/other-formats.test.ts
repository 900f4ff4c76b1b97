import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { decodeSource } from '../../../../src/engine/rows/decode-source.ts';
import { imageFolder, store } from '../../../../src/index.ts';
import { readDecodeGoldens } from '../../../support/decode-goldens.ts';
import { folderOf } from '../../../support/folders.ts';
import { importTo, sourcesOf } from '../../../support/stores.ts';

const options = { dct: 'fast', orientation: 'ignore', maxPixels: 100_000 } as const;
const extensions: Readonly<Record<string, string>> = {
  tiff: 'tif',
  bmp: 'bmp',
  pnm: 'ppm',
  gif: 'gif',
  avif: 'avif',
};
// AVIF is not equal to Pillow bit for bit
const exact = readDecodeGoldens('formats').filter(({ tolerance }) => tolerance === 0);
const goldens = exact.map((golden, i) => {
  const format = golden.name.split(/\W/, 1)[0] as string;
  return { ...golden, key: `all/${i}.${extensions[format]}` };
});
const folder = () => imageFolder(folderOf(Object.fromEntries(goldens.map(({ key, file }) => [key, file]))));

it('a store gives the pixels of TIFF, BMP, PNM, GIF and AVIF files that their folder gives', async () => {
  const path = join(folderOf(), 'a.lmdb');
  const { kinds, reasons } = await importTo(folder(), path);
  expect(kinds).toEqual({ intervals: 0, file: goldens.length, raw: 0 });
  expect(Object.keys(reasons).sort()).toEqual(['avif', 'bmp', 'gif', 'pnm', 'tiff']);
  for (const dataset of [folder(), store(path)]) {
    const pixels = new Map<string, Buffer>();
    for (const { key, source } of await sourcesOf(dataset))
      pixels.set(key, Buffer.from((await decodeSource(source, options)).data));
    expect(pixels).toEqual(new Map(goldens.map((golden) => [golden.key, golden.pixels])));
  }
});

it('--max-side turns a TIFF once', async () => {
  const turned = goldens.filter(({ name }) => /^tiff orientation [5-8]$/.test(name));
  const files = Object.fromEntries(turned.map(({ key, file }) => [key, file]));
  const path = join(folderOf(), 'a.lmdb');
  await importTo(imageFolder(folderOf(files)), path, { reduction: { maxSide: 8, quality: 95 } });
  for (const { key, source } of await sourcesOf(store(path))) {
    const bytes = Buffer.isBuffer(source) ? source : (source as { bytes: Buffer }).bytes;
    const { width, height, orientation = 1 } = await sharp(bytes).metadata();
    expect({ width, height, orientation }, key).toEqual({ width: 6, height: 8, orientation: 1 });
  }
});
