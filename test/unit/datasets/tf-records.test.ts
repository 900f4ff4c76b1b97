import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openReader } from '../../../src/datasets/dataset.ts';
import { splitsOf } from '../../../src/datasets/opening/open-dataset.ts';
import { crc32c } from '../../../src/datasets/tfrecord/crc32c.ts';
import {
  DataError,
  type Dataset,
  datasetDigest,
  imageFolder,
  openDataset,
  type TfRecordOptions,
  tfRecords,
} from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';
import { exampleOf, type FeatureValue, field, recordOf, recordsOf } from '../../support/tf-records.ts';

type Example = Readonly<Record<string, FeatureValue>>;

const file = (content: Uint8Array): string => join(folderOf({ 'a.tfrecord': content }), 'a.tfrecord');
const open = (examples: readonly Example[], options?: TfRecordOptions) =>
  tfRecords(file(recordsOf(examples)), options);

/** As TensorFlow Datasets has it. */
const example = (i: number, label: FeatureValue, more: Example = {}): Example => ({
  image: `image ${i}`,
  label,
  ...more,
});
/** As ImageNet has it. */
const imagenet = (label: FeatureValue, more: Example = {}): Example => ({
  'image/class/label': label,
  'image/encoded': 'an image',
  ...more,
});

const each = <T>({ length }: Dataset, ask: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => ask(index));
const labelsOf = (dataset: Dataset) => each(dataset, dataset.label);
const keysOf = (dataset: Dataset) => each(dataset, dataset.key);
const classesOf = (dataset: Dataset) => each(dataset, (i) => dataset.classes[dataset.label(i)]);

/** Each image as text, or the code of the error in its place. */
async function imagesOf(dataset: Dataset): Promise<string[]> {
  const reader = await openReader(dataset.reader);
  const read = async (index: number) => String(await reader.read(dataset.locator(index)));
  const images = [];
  for (let i = 0; i < dataset.length; i++) images.push(await read(i).catch(codeOf));
  await reader.close();
  return images;
}

function codeOf(error: unknown): string {
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).code;
}

describe('the checksum CRC-32C', () => {
  it('is that of RFC 3720, from any first byte on', () => {
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    const shifted = Uint8Array.of(0, ...Buffer.from('123456789')).subarray(1);
    expect(crc32c(shifted)).toBe(0xe3069283);
    expect(crc32c(Uint8Array.from(shifted))).toBe(0xe3069283);
  });
});

describe('tfRecords', () => {
  it('has the digest of the folder of the same images, where records name their files', async () => {
    const files = { 'cat/1.jpg': 'first', 'cat/2.jpg': 'second', 'dog/3.jpg': 'third' };
    const examples = Object.entries(files).map(([file_name, image], i) => ({
      file_name,
      image,
      label: i >> 1,
    }));
    const dataset = await open(examples, { classes: ['cat', 'dog'] });
    expect(await datasetDigest(dataset)).toBe(await datasetDigest(imageFolder(folderOf(files))));
    expect(await imagesOf(dataset)).toEqual(Object.values(files));
  });

  it('names samples by class and number where a file name is missing or there twice', async () => {
    const names = ['a', 'b', 'b'];
    const twice = names.map((file_name, i) => example(i, i, { file_name }));
    expect(keysOf(await open(twice))).toEqual(['0/0', '1/1', '2/2']);
    const missing = Array.from({ length: 11 }, (_, i) => example(i, 0, i === 5 ? {} : { file_name: `${i}` }));
    expect(keysOf(await open(missing)).slice(9)).toEqual(['0/09', '0/10']);
  });

  it('says where in its file an image is', async () => {
    const content = recordsOf([example(0, 0), example(1, 1)]);
    const dataset = await tfRecords(file(content));
    const { offset = 0 } = dataset.place?.(1) ?? {};
    expect(content.toString('latin1', offset, offset + 7)).toBe('image 1');
  });

  it('takes features in any order, and other ones by name', async () => {
    const reversed = await open([{ label: 'emu', more: [0.5, 2.5], image: 'x' }]);
    expect([await imagesOf(reversed), classesOf(reversed)]).toEqual([['x'], ['emu']]);
    const others = [
      { image: 'no', picture: 'a', label: 0, kind: 'emu' },
      { image: 'no', picture: 'b', label: 0, kind: 'cat' },
    ];
    const dataset = await open(others, { imageFeature: 'picture', labelFeature: 'kind' });
    expect([await imagesOf(dataset), dataset.classes, labelsOf(dataset)]).toEqual([
      ['a', 'b'],
      ['cat', 'emu'],
      [1, 0],
    ]);
    const path = file(recordsOf(others));
    expect((await openDataset(path, { imageMember: 'picture', labelKey: 'kind' })).classes).toEqual([
      'cat',
      'emu',
    ]);
  });

  it('takes images that are larger than what is read at once', async () => {
    const dataset = await open([example(0, 0, { image: Buffer.alloc(3_000_000, 'x') }), example(1, 0)]);
    expect((await imagesOf(dataset)).map(({ length }) => length)).toEqual([3_000_000, 7]);
  });
});

describe('labels of TFRecords', () => {
  const named = (label: number) => imagenet(label, { 'image/class/synset': `n${label}` });

  it.each([
    ['from 1 where each class up to the highest has a sample', [2, 1, 3], [1, 0, 2], ['1', '2', '3']],
    ['from 0 where a sample is of class 0', [2, 0, 3], [2, 0, 3], ['0', '1', '2', '3']],
    ['from 0 where the highest class may be missing', [1, 3], [1, 3], ['0', '1', '2', '3']],
  ])('count %s', async (_, classes, labels, names) => {
    const dataset = await open(classes.map((label) => imagenet(label)));
    expect([labelsOf(dataset), dataset.classes]).toEqual([labels, names]);
  });

  it('count from 1 where that is the number of the classes that are named', async () => {
    const examples = [imagenet(3), imagenet(1)];
    expect(labelsOf(await open(examples, { classes: ['a', 'b', 'c'] }))).toEqual([2, 0]);
    expect(labelsOf(await open(examples, { classes: ['a', 'b', 'c', 'd'] }))).toEqual([3, 1]);
  });

  it('count from where it is said', async () => {
    const dataset = await open([imagenet(7), imagenet(5)], { labelOffset: 5 });
    expect([labelsOf(dataset), dataset.classes]).toEqual([
      [2, 0],
      ['5', '6', '7'],
    ]);
    await expect(() => open([imagenet(4)], { labelOffset: 5 })).rejects.toThrow(
      /record 0: class 4 is below labelOffset, 5/,
    );
    await expect(() => open([imagenet(4)], { labelOffset: -1 })).rejects.toThrow(
      /labelOffset must be an integer/,
    );
  });

  it('are those classes that have samples, where the samples name them', async () => {
    const dataset = await open([named(9), named(2), named(9)]);
    expect([labelsOf(dataset), dataset.classes]).toEqual([
      [1, 0, 1],
      ['n2', 'n9'],
    ]);
  });

  it('are numbers where names contradict each other, or two classes have one name', async () => {
    const crane = (label: number, text: string) => imagenet(label, { 'image/class/text': text });
    for (const examples of [
      [crane(1, 'crane'), crane(2, 'crane')],
      [crane(1, 'crane'), crane(2, 'emu'), crane(2, 'other')],
    ])
      expect((await open(examples)).classes).toEqual(['1', '2']);
  });

  it('are as many as TensorFlow Datasets says, and called as it says', async () => {
    const records = recordsOf([example(0, 1)]);
    const features = { featuresDict: { features: { label: { classLabel: { numClasses: '3' } } } } };
    const numbered = folderOf({ 'a.tfrecord': records, 'features.json': JSON.stringify(features) });
    expect((await tfRecords(numbered)).classes).toEqual(['0', '1', '2']);
    const called = folderOf({ 'a.tfrecord': records, 'label.labels.txt': 'emu\ncat\n' });
    expect(classesOf(await tfRecords(called))).toEqual(['cat']);
    const damaged = folderOf({ 'a.tfrecord': records, 'features.json': '{' });
    await expect(() => tfRecords(damaged)).rejects.toThrow(/features\.json: is not JSON/);
    expect((await tfRecords(called, { classes: ['one'] })).classes).toEqual(['one']);
    await expect(() => open([example(0, 0), example(1, 2)], { classes: ['one'] })).rejects.toThrow(
      /record 1: class 2 has no name/,
    );
  });

  it('are none where the class is below zero, as in test splits', async () => {
    const dataset = await open([example(0, -1), example(1, 3), example(2, -1)]);
    expect([labelsOf(dataset), dataset.classes, keysOf(dataset)]).toEqual([
      [-1, 3, -1],
      ['0', '1', '2', '3'],
      ['0', '3/1', '2'],
    ]);
    expect(await imagesOf(dataset)).toEqual(['image 0', 'image 1', 'image 2']);
    expect((await open([example(0, -1)])).classes).toEqual([]);
  });

  it('are a fault of the sample where it has none, or one that is none', async () => {
    const labels: FeatureValue[] = [0, [], [], [1, 1], 0.5, 1 << 22, 1];
    const dataset = await open(labels.map((label, i) => example(i, label)));
    expect(labelsOf(dataset)).toEqual([0, -1, -1, -1, -1, -1, 1]);
    const [none, invalid] = ['NO_CLASS', 'INVALID_CLASS'];
    expect(await imagesOf(dataset)).toEqual(['image 0', none, none, invalid, invalid, invalid, 'image 6']);
    await expect(() => open([example(0, [])])).rejects.toThrow(
      /record 0: has no class in the feature label; labelFeature/,
    );
    await expect(() => open([{ image: 'x' }])).rejects.toThrow(/image\/class\/label, label or class/);
    await expect(() => open([example(0, 'cat'), example(1, 1)])).rejects.toThrow(
      expect.objectContaining({ code: 'MIXED_CLASSES' }),
    );
  });
});

describe('files of TFRecords', () => {
  const record = (i: number) => recordsOf([example(i, 0)]);

  it('are taken by their names, by split, and by lists in braces', async () => {
    const root = folderOf({
      'x-train.tfrecord-00000-of-00002': record(0),
      'x-train.tfrecord-00001-of-00002': record(1),
      'x-test.tfrecord-00000-of-00001': record(2),
      'x-test.array_record-00000-of-00001': 'another format',
      'x-train.tfrecord.idx': 'an index',
      'kaggle/00-64x64-230.tfrec': record(3),
      'dali/part-00007-of-00009': record(4),
    });
    expect(await splitsOf(root)).toEqual(['train', 'test']);
    expect([(await openDataset(root)).length, (await openDataset(root, { split: 'test' })).length]).toEqual([
      2, 1,
    ]);
    expect((await openDataset(join(root, 'x-train.tfrecord-{00000..00001}-of-00002'))).length).toBe(2);
    for (const folder of ['kaggle', 'dali'])
      expect((await openDataset(join(root, folder))).name).toBe(`tfRecords(${join(root, folder)})`);
    expect((await tfRecords([join(root, 'kaggle'), join(root, 'dali')])).length).toBe(2);
  });

  it('are told by their first bytes, whatever they are called', async () => {
    expect((await openDataset(join(folderOf({ data: record(0) }), 'data'))).name).toMatch(/^tfRecords/);
  });

  it('may be empty among others, which is said', async () => {
    const root = folderOf({ 'a.tfrecord': '', 'b.tfrecord': record(0) });
    const messages: string[] = [];
    expect((await tfRecords(root, { onMessage: (message) => messages.push(message) })).length).toBe(1);
    expect(messages).toEqual([expect.stringMatching(/1 of 2 shards skipped.*a\.tfrecord/)]);
    await expect(() => open([])).rejects.toThrow(/a\.tfrecord: has no records/);
    await expect(() => tfRecords(folderOf())).rejects.toThrow(expect.objectContaining({ code: 'NO_SHARDS' }));
  });

  it.each([
    ['text', 'words that are no record', 'NOT_A_TFRECORD', /first 12 bytes/],
    ['a gzipped file', gzipSync(record(0)), 'COMPRESSED_TFRECORD', /gzip; decompress it first/],
    [
      'another message',
      recordOf(field(1, Buffer.from('text'))),
      'NOT_AN_EXAMPLE',
      /record 0: expected a tf.train.Ex/,
    ],
    [
      'an example without an image',
      recordOf(exampleOf({ id: 3 })),
      'NO_IMAGE',
      /features are: id \(integers\)/,
    ],
    [
      'an example of two',
      recordOf(exampleOf({ image: ['a', 'b'], label: 0 })),
      'NO_IMAGE',
      /several values in image/,
    ],
    [
      'a later one without',
      recordsOf([example(0, 0), { label: 1 }]),
      'NO_IMAGE',
      /record 1: .*no bytes in image/,
    ],
  ])('are refused where they are %s', async (_, content, code, reason) => {
    const path = file(Buffer.from(content));
    await expect(() => openDataset(path)).rejects.toThrow(
      expect.objectContaining({ name: 'DataError', code }),
    );
    await expect(() => openDataset(path)).rejects.toThrow(reason);
    await expect(() => openDataset(path)).rejects.toThrow(`${path}: `);
  });

  const whole = recordsOf([0, 1, 2].map((i) => example(i, i, { file_name: `${i}.jpg` })));

  it('are cut at any byte: a named error, unless that is the end of a record', async () => {
    const ends = [0, whole.length / 3, (2 * whole.length) / 3];
    for (let length = 0; length < whole.length; length++) {
      const path = file(whole.subarray(0, length));
      if (ends.includes(length) && length > 0)
        expect((await tfRecords(path)).length).toBe(ends.indexOf(length));
      else
        await expect(() => tfRecords(path), String(length)).rejects.toThrow(
          expect.objectContaining({ name: 'DataError' }),
        );
    }
  });

  it('have a changed byte: an error at opening or for that record, and no wrong image', async () => {
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      const path = file(changed);
      const images = await Promise.resolve()
        .then(async () => imagesOf(await tfRecords(path)))
        .catch(codeOf);
      if (typeof images === 'string') continue;
      const damaged = Math.floor((3 * at) / whole.length);
      expect(images.toSpliced(damaged, 1), String(at)).toEqual(
        ['image 0', 'image 1', 'image 2'].toSpliced(damaged, 1),
      );
      expect(['DAMAGED_TFRECORD', 'NO_CLASS'], String(at)).toContain(images[damaged]);
    }
  });
});
