import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openReader } from '../../../src/datasets/dataset.ts';
import { splitsOf } from '../../../src/datasets/opening/open-dataset.ts';
import { cifar, type Dataset, datasetDigest, images, openDataset } from '../../../src/index.ts';
import { cifarOf, cifarPixels } from '../../support/cifar.ts';
import { folderOf } from '../../support/folders.ts';
import { tarOf } from '../../support/tar.ts';

const cifar10 = () =>
  folderOf({
    'data_batch_2.bin': cifarOf([[1], [0]]),
    'data_batch_10.bin': cifarOf([[2]]),
    'test_batch.bin': cifarOf([[0], [2]]),
    'batches.meta.txt': 'airplane\nautomobile\nbird\n\n',
    'readme.html': '',
  });

const cifar100 = () =>
  folderOf({
    'train.bin': cifarOf([
      [1, 3],
      [0, 2],
    ]),
    'test.bin': cifarOf([[1, 0]]),
    'fine_label_names.txt': 'apple\naquarium_fish\nbaby\nbear\n',
    'coarse_label_names.txt': 'aquatic_mammals\nfish\n',
  });

const summary = ({ length, label, key, classes, split }: Dataset) => ({
  labels: Array.from({ length }, (_, i) => label(i)),
  keys: Array.from({ length }, (_, i) => key(i)),
  ...{ classes, split },
});

describe('cifar', () => {
  it('reads the batches of a folder in their order, by split', async () => {
    const root = cifar10();
    expect(await splitsOf(root)).toEqual(['train', 'test']);
    const classes = ['airplane', 'automobile', 'bird'];
    expect(summary(await openDataset(root))).toEqual({
      labels: [1, 0, 2],
      keys: ['automobile/0', 'airplane/1', 'bird/2'],
      ...{ classes, split: 'train' },
    });
    expect(summary(await openDataset(root, { split: 'test' }))).toMatchObject({
      labels: [0, 2],
      split: 'test',
    });
    await expect(() => openDataset(root, { split: 'val' })).rejects.toThrow(
      /has no val split of CIFAR-10; there is train: data_batch_2/,
    );
  });

  it('reads one file, whose names are beside it, or are numbers', async () => {
    const file = join(cifar10(), 'test_batch.bin');
    expect(summary(await openDataset(file))).toMatchObject({ keys: ['airplane/0', 'bird/1'], split: 'test' });
    const alone = folderOf({ 'data_batch_1.bin': cifarOf([[3]]) });
    expect(summary(await openDataset(join(alone, 'data_batch_1.bin'))).classes).toEqual(['0', '1', '2', '3']);
    expect(() => cifar(file, { split: 'val' })).toThrow(/is one file, without a val split/);
  });

  it('takes the fine classes of CIFAR-100, or the coarse ones', async () => {
    const root = cifar100();
    expect(summary(await openDataset(root))).toMatchObject({ labels: [3, 2], keys: ['bear/0', 'baby/1'] });
    const coarse = cifar(root, { coarse: true });
    expect(summary(coarse)).toMatchObject({ labels: [1, 0], classes: ['aquatic_mammals', 'fish'] });
    expect(cifar(join(root, 'test.bin')).label(0)).toBe(0);
  });

  it('gives the pixels, and has the digest of the same images in memory', async () => {
    const dataset = cifar(cifar10());
    const reader = await openReader(dataset.reader);
    // the last is the first of the second file
    const indices = [0, 1, 0];
    const items = indices.map((place, i) => ({
      image: { data: cifarPixels(place), width: 32, height: 32 },
      label: dataset.label(i),
      key: dataset.key(i),
    }));
    for (const [i, { image }] of items.entries())
      expect(await reader.read(dataset.locator(i))).toEqual(image);
    await reader.close();
    expect(await datasetDigest(dataset)).toBe(
      await datasetDigest(images(items, { classes: dataset.classes })),
    );
  });

  it.each(['as it is downloaded', 'packed anew by tarfile'])('reads the archive %s', async (kind) => {
    const names = ['data_batch_1.bin', 'data_batch_2.bin', 'test_batch.bin', 'batches.meta.txt'];
    const contents = [cifarOf([[0], [1]]), cifarOf([[2]]), cifarOf([[1]]), 'a\nb\nc\n'];
    const members = names.map((name, i) => ({
      name: `cifar-10-batches-bin/${name}`,
      data: contents[i] as string,
    }));
    // tarfile of Python begins with a header for what does not fit into the next one
    const pax = { name: '././@PaxHeader', type: 'x', data: '28 mtime=1700000000.1234567\n' };
    const first = kind.startsWith('as') ? [] : [pax];
    const tar = tarOf([...first, { name: 'cifar-10-batches-bin/', type: '5' }, ...members]);
    const folder = folderOf({
      'cifar-10-binary.tar.gz': gzipSync(tar),
      'cut.tar.gz': gzipSync(tar).subarray(0, 200),
      ...Object.fromEntries(names.map((name, i) => [name, contents[i] as string])),
    });
    const path = join(folder, 'cifar-10-binary.tar.gz');
    expect(await splitsOf(path)).toEqual(['train', 'test']);
    for (const split of ['train', 'test'] as const) {
      const [packed, files] = [await openDataset(path, { split }), cifar(folder, { split })];
      expect(summary(packed)).toEqual(summary(files));
      expect(await datasetDigest(packed)).toBe(await datasetDigest(files));
      const [one, other] = [await openReader(packed.reader), await openReader(files.reader)];
      for (let i = 0; i < files.length; i++)
        expect(await one.read(packed.locator(i))).toEqual(await other.read(files.locator(i)));
      await Promise.all([one.close(), other.close()]);
    }
    expect(() => cifar(join(folder, 'cut.tar.gz'))).toThrow(
      expect.objectContaining({ code: 'DAMAGED_FILE' }),
    );
  });

  it('says where an image is', () => {
    const root = cifar10();
    expect(cifar(root).place?.(1)).toEqual({ path: join(root, 'data_batch_2.bin'), offset: 3074 });
  });

  it.each([
    [
      'cut',
      cifarOf([[0]]).subarray(1),
      'CIFAR_SIZE',
      /expected records of 3073 bytes \(1 of classes, 3072 of pixels\)/,
    ],
    ['empty', Buffer.alloc(0), 'CIFAR_SIZE', /the file has 0/],
    [
      'of a class without a name',
      cifarOf([[2], [7]]),
      'INVALID_CLASS',
      /data_batch_1\.bin: record 1: class 7 has no name \(3 are/,
    ],
  ])('refuses a file that is %s', async (_, content, code, reason) => {
    const root = folderOf({ 'data_batch_1.bin': content, 'batches.meta.txt': 'a\nb\nc\n' });
    await expect(() => openDataset(root)).rejects.toThrow(
      expect.objectContaining({ name: 'DataError', code }),
    );
    await expect(() => openDataset(root)).rejects.toThrow(reason);
  });

  it('refuses what is something else, and leaves other files of these names alone', async () => {
    const root = folderOf({ 'train.bin': 'weights' });
    expect(() => cifar(root)).toThrow(expect.objectContaining({ code: 'NOT_CIFAR' }));
    await expect(() => openDataset(root)).rejects.toThrow(
      expect.objectContaining({ code: 'UNKNOWN_SOURCE' }),
    );
  });
});
