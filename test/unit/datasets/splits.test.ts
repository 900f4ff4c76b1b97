import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { splitsOf } from '../../../src/datasets/opening/open-dataset.ts';
import { type Split, splitCalled, splitIn } from '../../../src/datasets/opening/split.ts';
import { type Dataset, imageFolder, openDataset, webDataset } from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';
import { importTo } from '../../support/stores.ts';
import { tarOf, tarSample } from '../../support/tar.ts';

const keys = (dataset: Dataset) => Array.from({ length: dataset.length }, (_, i) => dataset.key(i));
const taken = async (path: string, split?: Split) => keys(await openDataset(path, split && { split }));
const files = (...paths: string[]) => folderOf(Object.fromEntries(paths.map((path) => [path, ''])));
/** A folder of shards, each with a sample that is called as the shard is. */
const shards = (...names: string[]) =>
  folderOf(
    Object.fromEntries(names.map((name) => [`${name}.tar`, tarOf(tarSample(name.replace('/', '-'), 0))])),
  );

describe('names of splits', () => {
  it('are those that people use, in any case', () => {
    for (const name of ['train', 'Training', 'TRAIN']) expect(splitCalled(name)).toBe('train');
    for (const name of ['val', 'Valid', 'VALIDATION']) expect(splitCalled(name)).toBe('val');
    for (const name of ['test', 'Testing']) expect(splitCalled(name)).toBe('test');
    for (const name of ['trains', 'value', 'training-set', '']) expect(splitCalled(name)).toBeUndefined();
  });

  it('are words of the names of files', () => {
    for (const name of ['train-0001.tar', 'imagenet_train_3.tar', 'Train0001.tar', 'x.training.tar'])
      expect(splitIn(name)).toBe('train');
    for (const name of ['val2017.tar', 'validation-00000-of-00010.tar']) expect(splitIn(name)).toBe('val');
    for (const name of ['trainstation-1.tar', '000.tar', 'values.tar']) expect(splitIn(name)).toBeUndefined();
  });
});

describe('a folder of class folders', () => {
  it.each([
    ['Training', 'Validation', 'TEST'],
    ['train', 'valid', 'testing'],
  ])('is divided by folders named %s, %s and %s', async (train, val, test) => {
    const root = files(`${train}/a/1.jpg`, `${val}/a/2.jpg`, `${test}/a/3.jpg`);
    expect(await splitsOf(root)).toEqual(['train', 'val', 'test']);
    expect([await taken(root), await taken(root, 'val'), await taken(root, 'test')]).toEqual([
      ['a/1.jpg'],
      ['a/2.jpg'],
      ['a/3.jpg'],
    ]);
    expect(imageFolder(root, { split: 'val' })).toMatchObject({
      split: 'val',
      name: `imageFolder(${join(root, val)})`,
    });
  });

  it('is trained on without the splits that stand beside the classes', async () => {
    const root = files('cat/1.jpg', 'dog/1.jpg', 'validation/cat/2.jpg', 'test/3.jpg');
    expect([await taken(root), await taken(root, 'val')]).toEqual([
      ['cat/1.jpg', 'dog/1.jpg'],
      ['cat/2.jpg'],
    ]);
    expect(await openDataset(root)).toMatchObject({ split: 'train', classes: ['cat', 'dog'] });
    expect(await splitsOf(root)).toEqual(['train', 'val', 'test']);
  });

  it('is never trained on what is named as another split', async () => {
    for (const root of [files('val/a/1.jpg', 'test/a/1.jpg'), files('valid/a/1.jpg')])
      for (const act of [() => taken(root), () => taken(root, 'train'), async () => imageFolder(root)])
        await expect(act).rejects.toThrow(
          expect.objectContaining({ code: 'NO_SPLIT', message: expect.stringContaining('val: val') }),
        );
  });

  it('may have a class that is called train', async () => {
    const root = files('car/1.jpg', 'train/2.jpg');
    expect([await taken(root, 'train'), await splitsOf(root)]).toEqual([['car/1.jpg', 'train/2.jpg'], []]);
    const split = files('train/control/1.jpg', 'train/test/2.jpg', 'val/control/3.jpg', 'val/test/4.jpg');
    expect(await taken(split)).toEqual(['control/1.jpg', 'test/2.jpg']);
    expect(await taken(join(split, 'val'))).toEqual(['control/3.jpg', 'test/4.jpg']);
  });

  it('is refused where two folders are the same split', async () => {
    const root = files('train/a/1.jpg', 'val/a/1.jpg', 'validation/a/1.jpg');
    expect(await taken(root)).toEqual(['a/1.jpg']);
    await expect(() => taken(root, 'val')).rejects.toThrow(
      'has two val splits: val and validation; name one of them itself',
    );
  });
});

describe('shards', () => {
  it('are divided by the splits in their names', async () => {
    const root = shards('train-0', 'train-1', 'val-0', 'test-0', 'more');
    expect([await taken(root), await taken(root, 'val'), await taken(root, 'test')]).toEqual([
      ['train-0.jpg', 'train-1.jpg'],
      ['val-0.jpg'],
      ['test-0.jpg'],
    ]);
    expect(await splitsOf(root)).toEqual(['train', 'val', 'test']);
    expect(await openDataset(root, { split: 'val' })).toMatchObject({
      split: 'val',
      name: `webDataset(${root}, val)`,
    });
    expect(keys(await webDataset(root))).toEqual(['train-0.jpg', 'train-1.jpg']);
  });

  it('are train where they say no split and others do', async () => {
    const root = shards('000', '001', 'validation-000');
    expect([await taken(root, 'train'), await taken(root, 'val')]).toEqual([
      ['000.jpg', '001.jpg'],
      ['validation-000.jpg'],
    ]);
  });

  it('of a list in braces are those of the split, and all where their names say none', async () => {
    const root = shards('train-0', 'train-1', 'val-0', 'a-0', 'a-1');
    const named = join(root, '{train-0,train-1,val-0}.tar');
    const train = ['train-0.jpg', 'train-1.jpg'];
    expect(await splitsOf(named)).toEqual(['train', 'val']);
    expect(keys(await openDataset(named))).toEqual(train);
    expect(keys(await openDataset(named, { split: 'val' }))).toEqual(['val-0.jpg']);
    expect(keys(await webDataset(named))).toEqual(train);
    const others = join(root, 'a-{0..1}.tar');
    expect(await splitsOf(others)).toEqual([]);
    expect(keys(await openDataset(others))).toEqual(['a-0.jpg', 'a-1.jpg']);
    await expect(() => openDataset(others, { split: 'val' })).rejects.toThrow(/has no val split/);
  });

  it('of another split are not trained on, unless they are named outright', async () => {
    const root = shards('val-0', 'val-1');
    await expect(() => taken(root, 'train')).rejects.toThrow(
      /has no train split .*; there is val: val-0\.tar and 1 more$/,
    );
    expect(await taken(root)).toEqual(['val-0.jpg', 'val-1.jpg']);
    expect(await taken(join(root, 'val-0.tar'), 'train')).toEqual(['val-0.jpg']);
    const list = ['train-0', 'val-0'].map((name) => join(shards(name), `${name}.tar`));
    expect(keys(await webDataset(list))).toEqual(['train-0.jpg', 'val-0.jpg']);
    expect(keys(await webDataset(list, { split: 'train' }))).toEqual(['train-0.jpg']);
  });

  it('are those of folders named as splits, in any case', async () => {
    const root = shards('Training/0', 'validation/train-0', 'validation/val-0');
    expect([await taken(root), await taken(root, 'val')]).toEqual([
      ['Training-0.jpg'],
      ['validation-val-0.jpg'],
    ]);
  });
});

describe('stores', () => {
  it('are splits by their names, in any case', async () => {
    const root = folderOf();
    for (const name of ['Train', 'validation', 'test'])
      await importTo(imageFolder(files(`a/${name}.jpg`)), join(root, `${name}.lmdb`));
    expect(await splitsOf(root)).toEqual(['train', 'val', 'test']);
    expect([await taken(root), await taken(root, 'val')]).toEqual([['a/Train.jpg'], ['a/validation.jpg']]);
  });
});
