import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Subject } from 'rxjs';
import { expect, it } from 'vitest';
import {
  autoAugment,
  datasetDigest,
  type ImageItem,
  imageFolder,
  images,
  live,
  type PipelineOptions,
  pipeline,
  randomResizedCrop,
} from '../../../../src/index.ts';
import { photoFolder } from '../../../support/photos.ts';
import { patternItems } from '../../../support/raw-images.ts';

const identityOf = (count: number, options: PipelineOptions = {}) =>
  pipeline(images(patternItems(count)), options)
    .pipe(randomResizedCrop(8))
    .identity();

it('is that of the dataset, that of the pipeline, and one of both', async () => {
  const stream = pipeline(images(patternItems(5)), { seed: 3 }).pipe(randomResizedCrop(8));
  const { dataset, pipeline: ofPipeline, digest } = await stream.identity();
  expect(dataset).toBe(await datasetDigest(images(patternItems(5))));
  expect(ofPipeline).toBe(stream.digest);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
});

it('is another for another dataset, seed or step, and for nothing that does not change the stream', async () => {
  const { digest } = await identityOf(5);
  const others = await Promise.all([
    identityOf(6),
    identityOf(5, { seed: 1 }),
    pipeline(images(patternItems(5)))
      .pipe(randomResizedCrop(8), autoAugment())
      .identity(),
  ]);
  expect(new Set([digest, ...others.map((other) => other.digest)]).size).toBe(4);
  const same = { workers: 7, prefetch: 9, chunkRows: 3, backend: 'reference' } as const;
  expect((await identityOf(5, same)).digest).toBe(digest);
  const asRank = await identityOf(37, { batchSize: 8, worldSize: 4, rank: 3 });
  expect(asRank).toEqual(await identityOf(37, { batchSize: 32 }));
});

it('tells a dataset with an unreadable file from one without', async () => {
  const folder = await photoFolder(2);
  const identity = () => pipeline(imageFolder(folder)).pipe(randomResizedCrop(8)).identity();
  const whole = await identity();
  rmSync(join(folder, 'cat', '1.jpg'));
  symlinkSync('nowhere', join(folder, 'cat', '1.jpg'));
  expect((await identity()).dataset).not.toBe(whole.dataset);
});

it('is refused for a live source, of which nobody knows what it will bring', async () => {
  const stream = pipeline(live(new Subject<ImageItem>(), { overflow: 'error' })).pipe(randomResizedCrop(8));
  await expect(stream.identity()).rejects.toMatchObject({ name: 'ParameterError', code: 'NO_IDENTITY' });
});
