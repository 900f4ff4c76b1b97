import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../../../src/core/errors.ts';
import { type Dataset, datasetDigest } from '../../../../src/datasets/dataset.ts';
import { openDataset, splitsOf } from '../../../../src/datasets/opening/open-dataset.ts';
import { parquet } from '../../../../src/datasets/parquet/parquet.ts';
import { folderOf } from '../../../support/folders.ts';
import {
  digestsOf,
  farFile,
  imagesOf,
  parquetBytes,
  parquetFile,
  parquetGolden,
} from '../../../support/parquet.ts';

const { samples, classes } = parquetGolden;

const labelsOf = (dataset: Dataset) => samples.map((_, index) => dataset.label(index));
const keysOf = (dataset: Dataset) => Array.from({ length: dataset.length }, (_, index) => dataset.key(index));
const open = (name: string, options = {}) => parquet(parquetFile(name), options);

/** A folder of files: path, and which golden file. */
const folderWith = (files: Readonly<Record<string, string>>): string =>
  folderOf(Object.fromEntries(Object.entries(files).map(([path, name]) => [path, parquetBytes(name)])));

const expectError = async (
  act: () => Promise<Dataset>,
  code: string,
  message: RegExp | string,
): Promise<void> => {
  await expect(act).rejects.toThrow(expect.objectContaining({ code }));
  await expect(act).rejects.toThrow(message);
};

describe('the classes of a Parquet file', () => {
  it('are texts, sorted', async () => {
    const dataset = await open('texts');
    expect(dataset.classes).toEqual([...classes].sort());
    expect(labelsOf(dataset).map((label) => dataset.classes[label])).toEqual(
      samples.map(({ label }) => classes[label]),
    );
  });

  it('are numbers where there are no names, of the column img too', async () => {
    expect((await open('numbers')).classes).toEqual(['0', '1', '2']);
    expect((await open('class 3 without names')).classes).toEqual(['0', '1', '2', '3']);
  });

  it('are those that are given', async () => {
    expect((await open('numbers', { classes: ['a', 'b', 'c', 'd'] })).classes).toEqual(['a', 'b', 'c', 'd']);
    const dataset = await open('texts', { classes: [...classes].reverse() });
    expect(labelsOf(dataset)).toEqual(samples.map(({ label }) => 2 - label));
    await expectError(
      () => open('numbers', { classes: ['a'] }),
      'INVALID_CLASS',
      /x.parquet: row 6: class 1 has no/,
    );
    await expectError(
      () => open('texts', { classes: ['cat'] }),
      'INVALID_CLASS',
      'class "dog, or wolf" is none of',
    );
  });

  it('are of another column where one is chosen', async () => {
    const dataset = await open('two labels', { labelColumn: 'coarse' });
    expect(labelsOf(dataset)).toEqual(samples.map(({ label }) => label % 2));
    expect(dataset.classes).toEqual(['0', '1']);
  });

  it('are none, -1, where the hub keeps them secret', async () => {
    expect(labelsOf(await open('secret'))).toEqual(samples.map(() => -1));
  });

  it('must have a name where others have', async () => {
    await expectError(
      () => open('class 3'),
      'INVALID_CLASS',
      /row 7: expected a class of 0..2, or -1, got 3/,
    );
    const nameless = 'row 5: expected the name of a class, got an empty text';
    await expectError(() => open('a class without a name'), 'INVALID_CLASS', nameless);
  });

  it('must be the same in all files', async () => {
    const mixed = (a: string, b: string) => () => parquet(folderWith({ 'a.parquet': a, 'b.parquet': b }));
    await expectError(
      mixed('texts', 'numbers'),
      'MIXED_CLASSES',
      /b.parquet has .* number, .*a.parquet has .* name/,
    );
    await expectError(
      mixed('first half', 'other names'),
      'MIXED_CLASSES',
      /b.parquet has 3 class names \(lynx,/,
    );
  });
});

describe('the keys of a Parquet file', () => {
  it.each(['no paths', 'paths twice'])('are the class and the number: %s', async (name) => {
    const dataset = await open(name);
    expect(keysOf(dataset)).toEqual(
      samples.map(({ label }, i) => `${classes[label]}/${String(i).padStart(2, '0')}`),
    );
  });

  it('are the number alone where there is no class', async () => {
    const dataset = await parquet(folderWith({ 'a.parquet': 'groups of 5', 'b.parquet': 'secret' }));
    expect([dataset.key(0), dataset.key(18)]).toEqual(['cat/00', '18']);
  });

  it('are so where two files have the same paths', async () => {
    const dataset = await parquet(folderWith({ 'a.parquet': 'first half', 'b.parquet': 'groups of 5' }));
    expect(keysOf(dataset).slice(8, 11)).toEqual(['dog, or wolf/08', 'cat/09', 'cat/10']);
  });
});

describe('the columns of a Parquet file', () => {
  it('are bytes without a path, too', async () => {
    expect(await digestsOf(await open('binary'))).toEqual(samples.map(({ sha256 }) => sha256));
  });

  it('are named where it is not clear which are meant', async () => {
    const several =
      /has several columns of images .*; its columns are: photo.bytes \(BYTE_ARRAY\), photo.path/;
    await expectError(() => open('two images'), 'NO_COLUMN', several);
    expect((await open('two images', { imageColumn: 'mask' })).length).toBe(samples.length);
    await expectError(() => open('lists'), 'NO_COLUMN', 'has no column of images');
    await expectError(() => open('no label'), 'NO_COLUMN', 'has no column of classes');
    await expectError(
      () => open('numbers', { imageColumn: 'x' }),
      'NO_COLUMN',
      'has no images in the column x',
    );
    await expectError(
      () => open('numbers', { labelColumn: 'img' }),
      'NO_COLUMN',
      'no integers or texts in the column',
    );
  });

  it('are those that openDataset is asked for in the words of shards', async () => {
    const dataset = await openDataset(parquetFile('two labels'), {
      imageMember: 'image',
      labelKey: 'coarse',
    });
    expect(dataset.classes).toEqual(['0', '1']);
  });

  it('are refused by name where they are packed or encoded in a way that is not read', async () => {
    const codec = 'image.bytes in row group 0 is compressed by LZ4_RAW, which is not read';
    await expectError(() => open('lz4'), 'UNSUPPORTED_PARQUET', codec);
    await expectError(
      () => open('deltas'),
      'UNSUPPORTED_PARQUET',
      'is encoded as DELTA_LENGTH_BYTE_ARRAY, which',
    );
  });
});

describe('what is said of a Parquet file', () => {
  const messagesOf = async (path: string): Promise<string[]> => {
    const messages: string[] = [];
    await parquet(path, { onMessage: (message) => messages.push(message) });
    return messages;
  };

  it('is that an image costs a whole page, where it does', async () => {
    const path = parquetFile('zstd');
    const expected = `${path}: an image costs a whole page of ZSTD, 0.1 MB on average`;
    expect(await messagesOf(path)).toEqual([expect.stringContaining(expected)]);
    expect(await messagesOf(parquetFile('groups of 5'))).toEqual([]);
  });

  it('is that much is read to list it, the first time', async () => {
    const path = farFile();
    const expected = `parquet(${path}): reads 4.4 GB once`;
    expect(await messagesOf(path)).toEqual([expect.stringContaining(expected)]);
    expect(await messagesOf(path)).toEqual([]);
  });

  it('is an error where no row has an image', async () => {
    await expectError(
      () => open('paths alone'),
      'NO_IMAGE',
      'has no images: their bytes are null in all rows',
    );
  });
});

describe('several Parquet files', () => {
  const halves = {
    'data/train-00000-of-00002.parquet': 'first half',
    'data/train-00001-of-00002.parquet': 'second half',
    'data/validation-00000-of-00001.parquet': 'texts',
    'README.md': 'texts',
  };

  it('are one dataset, in the order of their names, without those that have no rows', async () => {
    const root = folderWith({ 'a.parquet': 'first half', 'b.parquet': 'empty', 'c.parquet': 'second half' });
    const expected = await datasetDigest(await open('groups of 5'));
    for (const source of [
      root,
      [join(root, 'a.parquet'), join(root, 'c.parquet')],
      join(root, '{a,c}.parquet'),
    ])
      expect(await datasetDigest(await parquet(source))).toBe(expected);
    expect(await digestsOf(await parquet(root))).toEqual(samples.map(({ sha256 }) => sha256));
    await expectError(() => open('empty'), 'NO_ROWS', 'has no .parquet files with rows');
  });

  it('are divided as the hub lays them out', async () => {
    const root = folderWith(halves);
    expect(await splitsOf(root)).toEqual(['train', 'val']);
    const [train, val] = [await openDataset(root), await openDataset(root, { split: 'val' })];
    expect([train.length, train.split, val.length, val.split]).toEqual([18, 'train', 18, 'val']);
    expect(val.classes).toEqual([...classes].sort());
    expect(train.name).toBe(`parquet(${join(root, 'data')}, train)`);
    await expectError(
      () => openDataset(root, { split: 'test' }),
      'NO_SPLIT',
      'files named like test-000.parquet',
    );
  });

  it('are divided by folders', async () => {
    const root = folderWith({ 'train/0000.parquet': 'first half', 'test/0000.parquet': 'second half' });
    expect(await splitsOf(root)).toEqual(['train', 'test']);
    expect(keysOf(await openDataset(root, { split: 'test' }))[0]).toBe('1/009.png');
    await expectError(() => openDataset(root, { split: 'val' }), 'NO_SPLIT', 'expected a folder named val');
  });

  it('may be named in braces', async () => {
    const root = folderWith(halves);
    const train = await openDataset(join(root, 'data/train-0000{0..1}-of-00002.parquet'));
    expect([train.length, train.key(9)]).toEqual([18, '1/009.png']);
  });

  it('count for less than class folders beside them', async () => {
    const root = folderOf({ 'cat/1.jpg': '', 'metadata.parquet': parquetBytes('texts') });
    expect((await openDataset(root)).name).toBe(`imageFolder(${root})`);
  });

  it('are told by what is in them, whatever their names', async () => {
    const root = folderWith({ data: 'groups of 5' });
    expect((await openDataset(join(root, 'data'))).length).toBe(18);
  });
});

/** Opens a file of these bytes and reads it all; returns the code of the error that it gives, if any. */
async function codeOf(bytes: Uint8Array): Promise<string | undefined> {
  const path = join(folderOf({ 'x.parquet': bytes }), 'x.parquet');
  try {
    await imagesOf(await parquet(path));
    return undefined;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    expect(error.message).toContain(path);
    return error.code;
  }
}

describe('a damaged Parquet file', () => {
  it('is refused by name where it is cut, at any place', async () => {
    const bytes = parquetBytes('version 2');
    for (let end = 0; end < bytes.length; end += 151)
      expect(await codeOf(bytes.subarray(0, end))).toMatch(/^(NOT|TRUNCATED)_PARQUET$/);
  });

  it.each(['groups of 5', 'version 2', 'brotli'])(
    'gives named errors only for changed bytes: %s',
    async (name) => {
      const bytes = parquetBytes(name);
      const codes = new Set<string | undefined>();
      const step = Math.ceil(bytes.length / 120);
      for (let at = bytes.length - 1; at >= 0; at -= at > bytes.length - 1500 ? 13 : step) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8((bytes[at] as number) ^ (1 << (at % 8)), at);
        codes.add(await codeOf(changed));
      }
      expect(codes).toContain('DAMAGED_PARQUET');
    },
  );

  it('is told by the checksums of its pages, where it has some', async () => {
    const bytes = parquetBytes('images plain');
    bytes.writeUInt8((bytes[50_000] as number) ^ 1, 50_000);
    expect(await codeOf(bytes)).toBe('DAMAGED_PARQUET');
  });

  it.each([
    ['PAR1', 'NOT_PARQUET'],
    [`PAR1${'\0'.repeat(20)}`, 'TRUNCATED_PARQUET'],
    ['a text that is long enough', 'NOT_PARQUET'],
    [`PAR1${'\0'.repeat(8)}\xff\xff\xff\x7fPAR1`, 'DAMAGED_PARQUET'],
    [`PAR1${'\0'.repeat(8)}\0\0\0\0PARE`, 'UNSUPPORTED_PARQUET'],
  ])('is refused where it is %j', async (text, code) => {
    expect(await codeOf(Buffer.from(text, 'latin1'))).toBe(code);
  });
});
