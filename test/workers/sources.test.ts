import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  autoAugment,
  type Dataset,
  datasetDigest,
  idxImages,
  imageFolder,
  images,
  mixup,
  openDataset,
  pipeline,
  randomResizedCrop,
  tfRecords,
  webDataset,
} from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';
import { idxFiles } from '../support/idx.ts';
import { photo } from '../support/photos.ts';
import { millrace } from '../support/processes.ts';
import { collect, contents } from '../support/streams.ts';
import { tarOf, tarSample } from '../support/tar.ts';
import { recordsOf } from '../support/tf-records.ts';

const stream = async (dataset: Dataset, workers: number) =>
  contents(
    await collect(
      pipeline(dataset, { batchSize: 4, workers, epochs: 2, seed: 3 }).pipe(
        randomResizedCrop(16),
        autoAugment(),
        mixup(0.2),
      ),
    ),
  );

/** Eight photographs as two class folders, as two shards and as a file of TFRecords. */
async function photographs() {
  const samples = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => ({
      key: `${i >> 2}/${i}`,
      label: i >> 2,
      image: await photo(i),
    })),
  );
  const tars = [0, 1].map((label) =>
    tarOf(
      samples.filter((sample) => sample.label === label).flatMap((s) => tarSample(s.key, label, s.image)),
    ),
  );
  return {
    folder: folderOf(Object.fromEntries(samples.map(({ key, image }) => [`${key}.jpg`, image]))),
    shards: folderOf({ '0.tar': tars[0] as Buffer, '1.tar': tars[1] as Buffer }),
    records: folderOf({
      'photos.tfrecord': recordsOf(
        samples.map(({ key, label, image }) => ({ image, label, file_name: `${key}.jpg` })),
      ),
    }),
    divided: folderOf({
      'train/0.tar': tars[0] as Buffer,
      'train/1.tar': tars[1] as Buffer,
      'val/0.tar': tars[0] as Buffer,
    }),
  };
}

describe('the stream', () => {
  it('is the same from shards as from the folder they were made of', async () => {
    const { folder, shards } = await photographs();
    const expected = await stream(imageFolder(folder), 0);
    expect(expected).toHaveLength(4);
    expect(await stream(await webDataset(shards), 2)).toEqual(expected);
  });

  it('is the same from TFRecords as from the folder they were made of', async () => {
    const { folder, records } = await photographs();
    const dataset = await tfRecords(records, { classes: ['0', '1'] });
    expect(await stream(dataset, 2)).toEqual(await stream(imageFolder(folder), 0));
    expect(await datasetDigest(dataset)).toBe(await datasetDigest(imageFolder(folder)));
  });

  it('is the same from IDX files as from the images in them', async () => {
    const dataset = idxImages(folderOf(idxFiles('train', 9)));
    const pixels = (i: number) => Uint8Array.from({ length: 18 }, (_, at) => i * 6 + Math.floor(at / 3));
    const items = Array.from({ length: 9 }, (_, i) => ({
      key: dataset.key(i),
      label: i % 3,
      image: { data: pixels(i), width: 3, height: 2 },
    }));
    expect(await stream(dataset, 2)).toEqual(await stream(images(items), 0));
  });
});

describe('a sample of a shard without a class', () => {
  const shard = async () => {
    const whole = await Promise.all([1, 2, 3].map(async (i) => tarSample(`${i}`, i % 2, await photo(i))));
    const tar = tarOf([{ name: '0.jpg', data: await photo(0) }, ...whole.flat()]);
    return webDataset(folderOf({ '0.tar': tar }));
  };
  const options = { batchSize: 4, shuffle: false, workers: 1 };

  it('is replaced where bad samples are', async () => {
    const stream = pipeline(await shard(), { ...options, onError: 'substitute', maxBad: 1 });
    const [batch] = await collect(stream.pipe(randomResizedCrop(16)));
    expect(batch?.substitutions[0]).toMatchObject({ row: 0, key: '0.jpg', code: 'NO_CLASS' });
    expect(batch?.keys.slice(1)).toEqual(['1.jpg', '2.jpg', '3.jpg']);
    expect([...(batch?.labels ?? [])]).not.toContain(-1);
  });

  it('ends a stream that stops at bad samples, by its name', async () => {
    const stream = collect(pipeline(await shard(), options).pipe(randomResizedCrop(16)));
    await expect(stream).rejects.toMatchObject({ name: 'DataError', code: 'NO_CLASS', sample: '0.jpg' });
  });
});

describe('the commands', () => {
  const flags = ['--batch-size', '4', '--image-size', '16', '--workers', '1'];
  const small = [...flags, '--trainer', 'none', '--epochs', '1'];

  it('train on shards and on IDX files, and say where a val split is missing', async () => {
    const { divided, shards } = await photographs();
    const idx = folderOf(idxFiles('train', 9));
    const [onDivided, onShards, onIdx] = await Promise.all(
      [divided, shards, idx].map((data) => millrace(['train', data, ...small, '--workspace', folderOf()])),
    );
    expect(onShards).toMatchObject({ code: 0, stderr: expect.stringContaining('has no val split') });
    expect(onIdx).toMatchObject({ code: 0, stderr: expect.stringContaining('has no val split') });
    // its val shard has no sample of the last class, which changes nothing for the others
    expect(onDivided).toMatchObject({ code: 0, stderr: expect.not.stringContaining('has no val split') });
  });

  it('read shards by a list in braces, with the image and the class that are named', async () => {
    const members = async (i: number) => [
      { name: `${i}.left.jpg`, data: await photo(i) },
      { name: `${i}.right.jpg`, data: 'no image' },
      { name: `${i}.json`, data: JSON.stringify({ is: { kind: i % 2 === 0 ? 'dog' : 'cat' } }) },
    ];
    const tars = await Promise.all(
      [0, 2].map(async (i) => tarOf([...(await members(i)), ...(await members(i + 1))])),
    );
    const [root, out] = [
      folderOf({ '09.tar': tars[0] as Buffer, '10.tar': tars[1] as Buffer, '11.tar': tarOf([]) }),
      folderOf(),
    ];
    const data = [join(root, '{09..11}.tar'), '--label-key', 'is.kind', '--image-member', 'left.jpg'];
    const [store, workspace, preview] = [join(out, 'a.lmdb'), join(out, 'run'), join(out, 'a.png')];
    const [shown, trained, imported] = await Promise.all([
      millrace(['preview', ...data, '--json', '--versions', '1', '--samples', '4', '--out', preview]),
      millrace(['train', ...data, ...small, '--workspace', workspace]),
      millrace(['import', data[0] as string, store, ...data.slice(1)]),
    ]);
    const classes = shown.stdout
      .trim()
      .split('\n')
      .map((line) => [JSON.parse(line).key, JSON.parse(line).class]);
    expect(classes.toSorted()).toEqual(
      [0, 1, 2, 3].map((i) => [`${i}.left.jpg`, i % 2 === 0 ? 'dog' : 'cat']),
    );
    for (const { code, stderr } of [shown, trained, imported]) {
      expect(code, stderr).toBe(0);
      expect(stderr).toContain(`1 of 3 shards skipped, which have no samples: ${join(root, '11.tar')}`);
    }
    expect((await openDataset(store)).classes).toEqual(['cat', 'dog']);
    // the run's record says how its data were read
    const replayed = await millrace(['replay', '--from', workspace, '--out', join(out, 'a.html')]);
    expect(replayed.code, replayed.stderr).toBe(0);
  });

  it('name what they take where data is none of it', async () => {
    const { code, stderr } = await millrace(['bench', folderOf({ '1.jpg': '' }), ...flags]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: .* is not a dataset that can be read; expected one of:(\n .*)+\[UNKNOWN_SOURCE\]\n$/,
    );
  });
});
