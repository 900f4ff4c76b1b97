import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { imageFiles } from '../../../src/datasets/folder/image-files.ts';
import { splitsOf } from '../../../src/datasets/opening/open-dataset.ts';
import type { Split } from '../../../src/datasets/opening/split.ts';
import { imageFolder, openDataset } from '../../../src/index.ts';
import { cifarOf } from '../../support/cifar.ts';
import { folderOf } from '../../support/folders.ts';
import { idxFiles } from '../../support/idx.ts';
import { tarOf, tarSample } from '../../support/tar.ts';
import { recordsOf } from '../../support/tf-records.ts';

const a = tarOf(tarSample('a', 0));
const b = tarOf(tarSample('b', 0));
const summary = async (path: string, split?: Split) => {
  const { name, length, key } = await openDataset(path, split && { split });
  return [name.split('(')[0], ...Array.from({ length }, (_, i) => key(i))];
};

describe('openDataset', () => {
  it('opens class folders, divided or not', async () => {
    const root = folderOf({ 'train/cat/1.jpg': '', 'val/cat/2.jpg': '' });
    expect(await summary(root)).toEqual(['imageFolder', 'cat/1.jpg']);
    expect(await summary(root, 'val')).toEqual(['imageFolder', 'cat/2.jpg']);
    expect(await summary(join(root, 'val'), 'train')).toEqual(['imageFolder', 'cat/2.jpg']);
    expect([await splitsOf(root), await splitsOf(join(root, 'val'))]).toEqual([['train', 'val'], []]);
  });

  it('opens a shard by any name, a folder of shards, and train and val folders of them', async () => {
    const root = folderOf({ 'train/1.tar': a, 'val/1.tar': b, 'val/logs/x.txt': '', shard: a });
    expect(await summary(join(root, 'shard'), 'train')).toEqual(['webDataset', 'a.jpg']);
    expect(await summary(join(root, 'val'), 'train')).toEqual(['webDataset', 'b.jpg']);
    expect(await summary(root)).toEqual(['webDataset', 'a.jpg']);
    expect(await summary(root, 'val')).toEqual(['webDataset', 'b.jpg']);
    expect([
      await splitsOf(root),
      await splitsOf(join(root, 'val')),
      await splitsOf(join(root, 'shard')),
    ]).toEqual([['train', 'val'], [], []]);
  });

  it('opens IDX files by any name, and a folder of them', async () => {
    const { 't10k-images-idx3-ubyte': images, 't10k-labels-idx1-ubyte': labels } = idxFiles('t10k', 1);
    const files = { 'images.bin': gzipSync(images as Buffer), 'labels.bin': labels as Buffer };
    const root = folderOf({ ...idxFiles('train', 1), 't10k-images-idx3-ubyte': images as Buffer, ...files });
    expect(await summary(join(root, 'images.bin'))).toEqual(['idxImages', 'images.bin/0']);
    expect(await summary(root, 'train')).toEqual(['idxImages', 'train-images-idx3-ubyte/0']);
    expect([await splitsOf(root), await splitsOf(join(root, 'images.bin'))]).toEqual([['train', 'val'], []]);
  });

  it('takes class folders rather than the tar that they came in', async () => {
    const beside = { 'photos.tar': a, 'photos.tar.gz': '' };
    expect(await summary(folderOf({ ...beside, 'cat/1.jpg': '' }))).toEqual(['imageFolder', 'cat/1.jpg']);
    const divided = folderOf({ ...beside, 'train/cat/1.jpg': '', 'val/cat/1.jpg': '' });
    expect(await summary(divided, 'val')).toEqual(['imageFolder', 'cat/1.jpg']);
  });

  it('leaves what is wrong with a source to be said by that source', async () => {
    const root = folderOf({
      'x.tar': 'text',
      'y.tar.gz': gzipSync(a),
      'z.tar.zst': '(\xb5/\xfd',
      packed: gzipSync(a),
    });
    await expect(() => openDataset(join(root, 'x.tar'))).rejects.toThrow(
      expect.objectContaining({ code: 'TRUNCATED_TAR' }),
    );
    for (const name of ['y.tar.gz', 'packed'])
      await expect(() => openDataset(join(root, name))).rejects.toThrow(
        expect.objectContaining({ code: 'COMPRESSED_TAR' }),
      );
    await expect(() => openDataset(join(root, 'z.tar.zst'))).rejects.toThrow(/z\.tar\.zst: /);
    await expect(() => openDataset(folderOf({ 'cat/readme.txt': '' }))).rejects.toThrow(
      /class folder has no images/,
    );
  });

  it('says which options say nothing of the data', async () => {
    const root = folderOf({ 'cat/1.jpg': '', 'a.tar': a });
    const messages: string[] = [];
    const onMessage = (message: string) => messages.push(message);
    await openDataset(root, { labelKey: 'class', onMessage });
    await openDataset(root, { onMessage });
    await openDataset(join(root, 'a.tar'), { imageMember: 'jpg', onMessage });
    expect(messages).toEqual([expect.stringMatching(/: labelKey \(--label-key\) says nothing of it$/)]);
  });

  it('names what the system says of a path', async () => {
    const root = folderOf({ file: 'x' });
    symlinkSync('loop', join(root, 'loop'));
    const code = async (path: string) => {
      const error = await openDataset(path).catch((thrown) => thrown);
      return [error.constructor.name, error.code, error.message.includes(path)];
    };
    expect(await code(join(root, 'file', 'x'))).toEqual(['DataError', 'MISSING_SOURCE', true]);
    expect(await code(join(root, 'loop', 'x'))).toEqual(['DataError', 'READ_FAILED', true]);
    expect(await code(join(root, 'x'.repeat(300)))).toEqual(['DataError', 'READ_FAILED', true]);
    expect(() => imageFolder(join(root, 'file', 'x'))).toThrow(/x: not a folder/);
    expect(() => imageFiles([join(root, 'loop', 'x')])).toThrow(
      expect.objectContaining({ code: 'READ_FAILED' }),
    );
  });

  it('opens a folder with one file of arrays', async () => {
    const arrays = JSON.parse(readFileSync('test/golden/npz.json', 'utf8'));
    const files = { 'pathmnist.npz': Buffer.from(arrays['medmnist'], 'base64'), 'readme.txt': '' };
    const root = folderOf(files);
    expect((await openDataset(root)).name).toMatch(/^npz\(.*pathmnist\.npz/);
    expect(await splitsOf(root)).toEqual(await splitsOf(join(root, 'pathmnist.npz')));
    const two = folderOf({ ...files, 'other.npz': files['pathmnist.npz'] });
    await expect(openDataset(two)).rejects.toThrow(expect.objectContaining({ code: 'UNKNOWN_SOURCE' }));
  });

  it('hands the options of one kind of source to it', async () => {
    const cifar = folderOf({
      'train.bin': cifarOf([[1, 3]]),
      'fine_label_names.txt': 'a\nb\nc\nd\n',
      'coarse_label_names.txt': 'x\ny\n',
    });
    expect((await openDataset(cifar)).classes).toHaveLength(4);
    expect((await openDataset(cifar, { coarse: true })).classes).toEqual(['x', 'y']);
    const records = folderOf({
      'a.tfrecord': recordsOf([2, 5].map((label) => ({ image: `${label}`, label }))),
    });
    expect((await openDataset(records, { labelOffset: 2 })).label(1)).toBe(3);
    await expect(openDataset(records, { labelOffset: -1 })).rejects.toThrow(/labelOffset must be an integer/);
  });

  it('says which split there is not', async () => {
    for (const files of [{ 'cat/1.jpg': '' }, { '1.tar': a }, { 'train/1.tar': a }, idxFiles('train', 1)])
      await expect(() => openDataset(folderOf(files), { split: 'val' })).rejects.toThrow(
        /has no val (folder|split|images)/,
      );
    for (const files of [{ 'val/1.tar': a }, { '1.tar': a, 'val/2.tar': b }])
      await expect(() => openDataset(folderOf(files))).rejects.toThrow(/has no train split/);
  });

  it.each([
    ['x.arrow', 'ARROW1', 'Arrow'],
    ['x.npy', '\x93NUMPY', 'a NumPy array'],
    ['x.zip', 'PK\x03\x04', 'zip'],
    ['train.csv.gz', gzipSync('path,label\ncat/1.jpg,cat\n'), 'a compressed list'],
    ['photos', 'PK\x03\x04', 'zip'],
    ['data_batch_1', '', "CIFAR's Python version"],
    ['cifar-10-batches-py/test_batch', '', "CIFAR's Python version"],
    ['cifar-100-python/train', '', "CIFAR's Python version"],
    ['unnamed', Buffer.of(0x80, 4, 0x95), 'a Python pickle'],
  ])('refuses %s by the name of its format, alone and in a folder', async (name, bytes, format) => {
    const root = folderOf({ [name]: bytes });
    const refusal = expect.objectContaining({ name: 'DataError', code: 'UNREAD_FORMAT' });
    await expect(() => openDataset(join(root, name))).rejects.toThrow(refusal);
    await expect(() => openDataset(join(root, name))).rejects.toThrow(
      `${join(root, name)}: is ${format}: not read yet; `,
    );
    const isNamed = !['unnamed', 'photos'].includes(name);
    if (isNamed) await expect(() => openDataset(root)).rejects.toThrow(refusal);
  });

  it('takes class folders beside a file of a format that it does not read', async () => {
    const root = folderOf({ 'features.npz': '', 'cat/a/b/1.jpg': '', 'cat/list.parquet': '' });
    expect(await summary(root)).toEqual(['imageFolder', 'cat/a/b/1.jpg']);
  });

  it.each([
    [
      'gs://bucket/photos/',
      'name s3://bucket/photos/ and set AWS_ENDPOINT_URL_S3=https://storage.googleapis.com',
    ],
    ['ftp://example.org/a.tar', 'download them, and name what lies on the disk'],
  ])('refuses the address %s with what to do instead', async (address, remedy) => {
    await expect(() => openDataset(address)).rejects.toThrow(
      expect.objectContaining({ code: 'REMOTE_DATA' }),
    );
    await expect(() => openDataset(address)).rejects.toThrow(remedy);
  });

  it('lists what it takes where a path is none of it', async () => {
    const root = folderOf({
      '1.jpg': '',
      'notes.gz': gzipSync('text'),
      'broken.gz': Buffer.of(0x1f, 0x8b, 0),
    });
    for (const path of [root, ...['1.jpg', 'notes.gz', 'broken.gz'].map((name) => join(root, name))]) {
      await expect(() => openDataset(path)).rejects.toThrow(
        expect.objectContaining({ code: 'UNKNOWN_SOURCE' }),
      );
      await expect(() => openDataset(path)).rejects.toThrow(
        /IDX files.*\n(.*\n)*.*Parquet files.*\n(.*\n)*.*WebDataset shards.*\n(.*\n)*.*<class>\/<image>/,
      );
    }
    await expect(() => openDataset(join(root, 'gone'))).rejects.toThrow(/gone: no such file or folder/);
  });
});
