import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Dataset, datasetDigest } from '../../src/datasets/dataset.ts';
import { manifest } from '../../src/datasets/manifest/manifest.ts';
import { images } from '../../src/datasets/memory/images.ts';
import { store } from '../../src/datasets/store/store.ts';
import { webDataset } from '../../src/datasets/tar/web-dataset.ts';
import { tfRecords } from '../../src/datasets/tfrecord/tf-records.ts';
import { folderOf } from '../support/folders.ts';
import { importTo, storeContents, verified } from '../support/stores.ts';
import { tarOf } from '../support/tar.ts';
import { recordsOf } from '../support/tf-records.ts';

/** Each file is a text: nothing here is decoded. */
const samples = [
  { key: 'a.jpg', labels: [2, 0], names: ['emu', 'cat'] },
  { key: 'b.jpg', labels: [1], names: ['dog'] },
  { key: 'c.jpg', labels: [], names: [] },
  { key: 'd.jpg', labels: [0, 1, 2], names: ['cat', 'dog', 'emu'] },
] as const;
const classes = ['cat', 'dog', 'emu'];
const bytesOf = (key: string) => Buffer.from(`the file ${key}`);
const expected = samples.map(({ labels }) => labels.toSorted());

const inMemory = images(
  samples.map(({ key, labels }) => ({ image: bytesOf(key), key, labels: [...labels] })),
  { classes },
);

const file = (name: string, content: Uint8Array): string => {
  const path = join(folderOf(), name);
  writeFileSync(path, content);
  return path;
};
const tarWith = (json: (sample: (typeof samples)[number]) => unknown) =>
  file(
    'all.tar',
    tarOf(
      samples.flatMap((sample) => [
        { name: sample.key, data: bytesOf(sample.key) },
        { name: sample.key.replace('jpg', 'json'), data: JSON.stringify(json(sample)) },
      ]),
    ),
  );
const recordsWith = (label: (sample: (typeof samples)[number]) => readonly (number | string)[]) =>
  file(
    'all.tfrecord',
    recordsOf(
      samples.map((sample) => ({
        'image/encoded': bytesOf(sample.key),
        'image/filename': sample.key,
        ...(label(sample).length > 0 && { 'image/class/label': label(sample) }),
      })),
    ),
  );

const listsIn = (dataset: Dataset) => samples.map((_, index) => dataset.labels?.(index));

const sources: Record<string, () => Promise<Dataset>> = {
  'numbers in the JSON of a tar': () =>
    webDataset(
      tarWith(({ labels }) => ({ of: { labels } })),
      { labelKey: 'of.labels', classes },
    ),
  'numbers in .cls of a tar': () =>
    webDataset(
      file(
        'all.tar',
        tarOf(
          samples.flatMap(({ key, labels }) => [
            { name: key, data: bytesOf(key) },
            { name: key.replace('jpg', 'cls'), data: `[${labels.join(', ')}]` },
          ]),
        ),
      ),
      { classes },
    ),
  "COCO's annotations": () => {
    const content = {
      images: samples.map(({ key }, id) => ({ id, file_name: key })),
      annotations: samples.flatMap(({ labels }, at) =>
        labels.map((label) => ({ image_id: at, category_id: 8 + label })),
      ),
      // in another order than that of their ids
      categories: classes.map((name, at) => ({ id: 8 + at, name })).reverse(),
    };
    const files = Object.fromEntries(samples.map(({ key }) => [key, bytesOf(key)]));
    return manifest(join(folderOf({ ...files, 'all.json': JSON.stringify(content) }), 'all.json'));
  },
  'names in the JSON of a tar': () => webDataset(tarWith(({ names }) => names)),
  'numbers in TFRecord': () =>
    tfRecords(
      recordsWith(({ labels }) => labels),
      { classes, labelOffset: 0 },
    ),
  'numbers from 1 in TFRecord': () =>
    tfRecords(
      recordsWith(({ labels }) => labels.map((label) => label + 1)),
      { classes },
    ),
  'names in TFRecord': () => tfRecords(recordsWith(({ names }) => names)),
  'a store': async () => {
    const path = join(folderOf(), 'all.lmdb');
    await importTo(inMemory, path);
    return store(path);
  },
};

describe('samples of several classes', () => {
  it.each(Object.entries(sources))('are the same in memory and as %s', async (_, open) => {
    const dataset = await open();
    expect(dataset.classes).toEqual(classes);
    expect(listsIn(dataset)).toEqual(expected);
    expect(samples.map((__, index) => dataset.label(index))).toEqual([0, 1, -1, 0]);
    expect(await datasetDigest(dataset)).toBe(await datasetDigest(inMemory));
  });

  it('are single labels where no sample has a list', async () => {
    const single = await webDataset(tarWith(({ key }) => key.length));
    expect(single.labels).toBeUndefined();
    const records = await tfRecords(recordsWith(() => [1]));
    expect(records.labels).toBeUndefined();
  });

  it('are bad where a list is none of classes, each once', async () => {
    const path = tarWith(({ key, labels }) => (key === 'b.jpg' ? [1, 1] : labels));
    const dataset = await webDataset(path);
    expect(dataset.labels?.(1)).toEqual([]);
    expect(dataset.locator(1)).toEqual([
      ...[0, expect.any(Number), expect.any(Number)],
      {
        code: 'INVALID_CLASS',
        message: expect.stringMatching(/^b\.json: expected a list of classes, each once and .* got \[1,1\]$/),
      },
    ]);
    const twice = await tfRecords(recordsWith(({ key }) => (key === 'a.jpg' ? [3, 3] : [1, 2])));
    expect(twice.locator(0)).toMatchObject({
      fault: { message: expect.stringContaining('got several values, which are not all classes, each once') },
    });
  });

  it('stand in a store of format 2, of single labels in one of format 1', async () => {
    const [path, other] = [join(folderOf(), 'several.lmdb'), join(folderOf(), 'single.lmdb')];
    await importTo(inMemory, path);
    await importTo(images([{ image: bytesOf('x'), label: 0 }]), other);
    const contents = await storeContents(path);
    expect(contents).toMatchObject({
      format: 2,
      hasLabelLists: true,
      progress: { classCounts: [2, 2, 2, 1] },
    });
    expect(await storeContents(other)).toMatchObject({ format: 1 });
    expect(await verified(path)).toEqual([]);
  });

  it('are compared where an import goes on', async () => {
    const path = join(folderOf(), 'all.lmdb');
    await importTo(inMemory, path);
    const changed = images(
      samples.map(({ key, labels }, i) => ({
        image: bytesOf(key),
        key,
        labels: i === 3 ? [0, 1] : [...labels],
      })),
      { classes },
    );
    await expect(importTo(changed, path)).rejects.toThrow(
      /sample 3: d\.jpg of classes \[0, 1, 2\] and 14 bytes in the store, d\.jpg of classes \[0, 1\] and 14 bytes now/,
    );
  });
});
