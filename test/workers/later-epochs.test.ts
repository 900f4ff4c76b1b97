import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeScratchBytes } from '../../backends/decode/scratch.ts';
import {
  autoAugment,
  imageFolder,
  type PipelineOptions,
  pipeline,
  randomResizedCrop,
} from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';
import { noise } from '../support/images.ts';
import { encodeJpeg } from '../support/jpegs.ts';
import { collect } from '../support/streams.ts';

const codings = [
  { turbo: '4:2:0' },
  { turbo: '4:4:4' },
  { turbo: '4:2:2' },
  { sharp: { progressive: true } },
] as const;

/** 16 JPEGs of 50x97 and more, in turn of each coding. */
async function photos(): Promise<string> {
  const files: Record<string, Buffer> = {};
  for (let i = 0; i < 16; i++) {
    const image = noise({ width: 50 + i, height: 97 + i }, i);
    files[`a/${i}.jpg`] = await encodeJpeg({
      image,
      quality: 80,
      coding: codings[i % 4] as (typeof codings)[number],
    });
  }
  return folderOf(files);
}

const stream = (folder: string, options: PipelineOptions) =>
  pipeline(imageFolder(folder), { batchSize: 8, seed: 3, digest: true, ...options }).pipe(
    randomResizedCrop(16),
    autoAugment(),
  );

it('gives an epoch the same pixels whether or not the run has seen the files before', async () => {
  const folder = await photos();
  const last = async (options: PipelineOptions) =>
    (await collect(stream(folder, { epochs: 4, ...options }))).slice(-2).map(({ digest }) => digest);
  const expected = await last({ start: { epoch: 3, batch: 0 }, workers: 0 });
  expect(decodeScratchBytes()).toBe(0); // all files were decoded whole
  expect(await last({ workers: 0 })).toEqual(expected);
  expect(decodeScratchBytes()).toBeGreaterThan(0);
  expect(await last({ workers: 2 })).toEqual(expected);
  expect(await last({ workers: 2, start: { epoch: 1, batch: 1 } })).toEqual(expected);
});

it('finds a file that is cut off after an epoch, where every epoch takes other parts of it', async () => {
  const folder = await photos();
  const options = { epochs: 8, workers: 0, prefetch: 1, onError: 'substitute', maxBad: 1000 } as const;
  const bad = new Map<number, string[]>();
  const path = join(folder, 'a/4.jpg');
  for await (const { epoch, isLastOfEpoch, substitutions } of stream(folder, options)) {
    for (const { key } of substitutions) bad.set(epoch, [...(bad.get(epoch) ?? []), key]);
    if (epoch === 1 && isLastOfEpoch) truncateSync(path, Math.ceil(statSync(path).size / 2));
  }
  // what was prepared ahead was still whole
  for (let epoch = 3; epoch < 8; epoch++) expect([...new Set(bad.get(epoch))]).toEqual(['a/4.jpg']);
  expect(bad.get(0) ?? bad.get(1)).toBeUndefined();
});
