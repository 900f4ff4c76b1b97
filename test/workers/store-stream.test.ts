import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  autoAugment,
  centerCrop,
  crop,
  type Dataset,
  decode,
  imageFolder,
  mixup,
  type Pipeline,
  type PipelineOptions,
  pipeline,
  randomHorizontalFlip,
  randomResizedCrop,
  resize,
  rotate,
  sharpness,
  store,
  webDataset,
} from '../../src/index.ts';
import { folderOf, writeFiles } from '../support/folders.ts';
import { damagedImages, mixedImages } from '../support/mixed-images.ts';
import { millrace, script } from '../support/processes.ts';
import { importTo } from '../support/stores.ts';
import { tarOf } from '../support/tar.ts';

const files = await mixedImages();

/** The same samples, in the same order, from everywhere. */
async function everySource(root: string): Promise<Record<string, Dataset>> {
  const members = Object.entries(files).flatMap(([key, data]) => [
    { name: key, data },
    { name: key.replace(/\.\w+$/, '.cls'), data: key.startsWith('cat') ? '0' : '1' },
  ]);
  const path = (name: string) => join(root, name);
  writeFiles(path('folder'), files);
  writeFiles(root, { '0.tar': tarOf(members) });
  const [folder, shards] = [imageFolder(path('folder')), await webDataset(path('0.tar'))];
  await importTo(folder, path('1.lmdb'));
  await importTo(store(path('1.lmdb')), path('2.lmdb'));
  await importTo(shards, path('3.lmdb'));
  return {
    folder,
    shards,
    'its store': store(path('1.lmdb')),
    'the store of its store': store(path('2.lmdb')),
    'the store of the shards': store(path('3.lmdb')),
  };
}

type Steps = (stream: Pipeline) => Pipeline;
const augmented: Steps = (stream) =>
  stream.pipe(randomResizedCrop(32), randomHorizontalFlip(), autoAugment(), mixup(0.2));
const programs: Record<string, Steps> = {
  'a random crop first': augmented,
  'a centre crop first': (stream) => stream.pipe(centerCrop(24), autoAugment()),
  'a crop of a corner first': (stream) =>
    stream.pipe(crop({ left: 9, top: 3, width: 20, height: 23 }), autoAugment(), mixup(0.2)),
  'a rotation first': (stream) => stream.pipe(rotate({ degrees: 25 }), randomResizedCrop(32)),
  'a sharpening first': (stream) => stream.pipe(sharpness({ factor: 1.7 }), centerCrop(24)),
  'a resize first': (stream) => stream.pipe(resize({ shortSide: 40 }), centerCrop(32), mixup(0.2)),
  'a resize to one size only': (stream) => stream.pipe(resize({ width: 30, height: 20 })),
};

async function digestOf(dataset: Dataset, steps: Steps, options: PipelineOptions): Promise<string> {
  let digest = '';
  const stream = pipeline(dataset, { batchSize: 4, epochs: 2, seed: 5, digest: true, ...options });
  for await (const batch of steps(stream)) digest = batch.digest as string;
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  return digest;
}

describe('the stream, pixel for pixel,', () => {
  const root = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  const sources = everySource(root);
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const decoders = [
    { dct: 'fast', orientation: 'ignore' },
    { dct: 'fast', orientation: 'apply' },
    { dct: 'accurate', orientation: 'ignore' },
    { dct: 'accurate', orientation: 'apply' },
  ] as const;

  it.each(Object.keys(programs))('is the same from a folder and from stores, with %s', async (name) => {
    const seen = new Set<string>();
    for (const options of decoders) {
      const steps: Steps = (stream) => (programs[name] as Steps)(stream.pipe(decode(options)));
      const digests: Record<string, string> = {};
      for (const [source, dataset] of Object.entries(await sources))
        digests[source] = await digestOf(dataset, steps, { workers: 0 });
      const expected = digests['folder'] as string;
      expect(digests).toEqual(Object.fromEntries(Object.keys(digests).map((source) => [source, expected])));
      seen.add(expected);
    }
    // the decoder's options mean something
    expect(seen.size).toBe(decoders.length);
  });

  it.each([1, 3])('is the same with %i threads', async (workers) => {
    const { folder, 'its store': stored } = await sources;
    const expected = await digestOf(folder as Dataset, augmented, { workers: 0 });
    expect(await digestOf(stored as Dataset, augmented, { workers })).toBe(expected);
    expect(await digestOf(folder as Dataset, augmented, { workers })).toBe(expected);
  });

  it('is the same where the calling thread looks up keys while records are being decoded', async () => {
    const file = await sharp({ create: { width: 300, height: 200, channels: 3, background: 'teal' } })
      .webp()
      .toBuffer();
    const names = Array.from({ length: 24 }, (_, i) => `cat/a-name-longer-than-the-fixed-fields-${i}.webp`);
    const folder = imageFolder(folderOf(Object.fromEntries(names.map((name) => [name, file]))));
    const path = join(folderOf(), 'a.lmdb');
    await importTo(folder, path);
    const slowly = async (dataset: Dataset) => {
      const stream = pipeline(dataset, { batchSize: 4, workers: 0, digest: true, prefetch: 2, seed: 1 });
      let digest = '';
      for await (const batch of stream.pipe(randomResizedCrop(16))) {
        digest = batch.digest as string;
        await wait(3);
      }
      return digest;
    };
    expect(await slowly(store(path))).toBe(await slowly(folder));
  });

  it('is another from a store whose images were made smaller', async () => {
    const { folder } = await sources;
    const path = join(folderOf(), 'a.lmdb');
    await importTo(folder as Dataset, path, { reduction: { maxSide: 80, quality: 95 } });
    const expected = await digestOf(folder as Dataset, augmented, { workers: 0 });
    expect(await digestOf(store(path), augmented, { workers: 0 })).not.toBe(expected);
  });
});

it('damaged files are substituted alike, from the folder and from its store', async () => {
  const folder = imageFolder(folderOf({ ...files, ...(await damagedImages()) }));
  const path = join(folderOf(), 'a.lmdb');
  await importTo(folder, path);
  const run = async (dataset: Dataset) => {
    const options = { onError: 'substitute', maxBad: 100, digest: true, batchSize: 4, workers: 1 } as const;
    const batches = [];
    for await (const { digest, substitutions } of augmented(pipeline(dataset, options)))
      batches.push({ digest, substitutions });
    return batches;
  };
  const expected = await run(folder);
  expect(expected.flatMap(({ substitutions }) => substitutions).length).toBeGreaterThanOrEqual(2);
  expect(await run(store(path))).toEqual(expected);
});

it('files that were cut, and files that only lack their end, are the same from the folder and from its store', async () => {
  const whole = files['cat/turned.jpg'] as Buffer;
  const progressive = await sharp(whole).keepExif().jpeg({ progressive: true }).toBuffer();
  const folder = imageFolder(
    folderOf({
      'cat/whole.jpg': whole,
      'cat/cut.jpg': whole.subarray(0, -40),
      'dog/no-end.jpg': whole.subarray(0, -2),
      'dog/zeros.jpg': Buffer.concat([whole.subarray(0, -2), Buffer.alloc(4096)]),
      'dog/progressive.jpg': progressive.subarray(0, -2),
    }),
  );
  const path = join(folderOf(), 'a.lmdb');
  await importTo(folder, path);
  for (const dct of ['fast', 'accurate'] as const) {
    for (const orientation of ['ignore', 'apply'] as const) {
      const run = async (dataset: Dataset) => {
        const options = {
          onError: 'substitute',
          maxBad: 100,
          digest: true,
          batchSize: 5,
          workers: 0,
        } as const;
        const stream = pipeline(dataset, options).pipe(decode({ dct, orientation }), randomResizedCrop(32));
        for await (const { digest, substitutions } of stream)
          return { digest, bad: new Set(substitutions.map(({ code, key }) => `${code} ${key}`)) };
        throw new Error('expected a batch');
      };
      const expected = await run(folder);
      expect(expected.bad).toEqual(new Set(['TRUNCATED cat/cut.jpg', 'TRUNCATED dog/progressive.jpg']));
      expect(await run(store(path))).toEqual(expected);
    }
  }
});

describe('a store', () => {
  it('is read by several processes at once', async () => {
    const path = join(folderOf(), 'a.lmdb');
    await importTo(imageFolder(folderOf(files)), path);
    const expected = await digestOf(store(path), augmented, { workers: 0 });
    const reader = (workers: number) =>
      script(`
        const { pipeline, randomResizedCrop, randomHorizontalFlip, autoAugment, mixup } = millrace;
        const options = { batchSize: 4, epochs: 2, seed: 5, digest: true, workers: ${workers} };
        const stream = pipeline(millrace.store(${JSON.stringify(path)}), options)
          .pipe(randomResizedCrop(32), randomHorizontalFlip(), autoAugment(), mixup(0.2));
        for await (const batch of stream);
        console.log(stream.statistics.digest);`);
    const runs = await Promise.all([0, 2, 1].map(reader));
    expect(runs.map(({ code, stdout }) => [code, stdout.trim()])).toEqual(runs.map(() => [0, expected]));
  });

  it('is read from a place where nothing can be written', async ({ skip }) => {
    const [root, path] = [folderOf(), 'a.lmdb'];
    await importTo(imageFolder(folderOf(files)), join(root, path));
    mkdirSync(join(root, 'read-only'));
    const place = join(root, 'read-only');
    skip(!mountReadOnly(root, place), 'cannot mount');
    expect(await millrace(['inspect', join(place, path), '--verify', '--quiet'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('verified  all 11 records'),
    });
    const digest = await digestOf(store(join(place, path)), augmented, { workers: 2 });
    expect(digest).toBe(await digestOf(store(join(root, path)), augmented, { workers: 0 }));
    const again = await millrace(['import', join(root, path), join(place, 'b.lmdb')]);
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: .*\[STORE_READ_ONLY\]\n$/),
    });
  });
});

/** Shows `folder` once more at `place`, where nothing can be written then. Only root may; false where it cannot be. */
function mountReadOnly(folder: string, place: string): boolean {
  const mount = (...args: string[]) => spawnSync('mount', args).status === 0;
  if (!mount('--bind', folder, place)) return false;
  // lazily: this process has the store open
  onTestFinished(() => void spawnSync('umount', ['--lazy', place]));
  return mount('-o', 'remount,ro,bind', place);
}
