import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openReader } from '../../src/datasets/dataset.ts';
import { splitsOf } from '../../src/datasets/opening/open-dataset.ts';
import { type Dataset, openDataset, tfRecords } from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';

type Sample = readonly [sha256: string, className: string, fileName: string];

interface GoldenFiles {
  readonly files: Readonly<Record<string, string>>;
  readonly train: readonly Sample[];
  readonly val: readonly Sample[];
  readonly test: readonly Sample[];
}

const golden: Readonly<Record<'imagenet' | 'tfds', GoldenFiles>> = JSON.parse(
  readFileSync('test/golden/tfrecord.json', 'utf8'),
);

const folderOfGolden = ({ files }: GoldenFiles): string =>
  folderOf(
    Object.fromEntries(
      Object.entries(files).map(([name, packed]) => [name, gunzipSync(Buffer.from(packed, 'base64'))]),
    ),
  );

async function samplesIn(dataset: Dataset): Promise<Sample[]> {
  const reader = await openReader(dataset.reader);
  const samples: Sample[] = [];
  for (let i = 0; i < dataset.length; i++) {
    const image = (await reader.read(dataset.locator(i))) as Buffer;
    expect(image).toHaveLength(await dataset.byteLength(i));
    const sha256 = createHash('sha256').update(image).digest('hex');
    samples.push([sha256, dataset.classes[dataset.label(i)] as string, dataset.key(i)]);
  }
  await reader.close();
  return samples;
}

describe("TFRecords of Cloud TPU's ImageNet", () => {
  it('give the images, classes and names that TensorFlow reads, by split', async () => {
    const root = folderOfGolden(golden.imagenet);
    expect(await splitsOf(root)).toEqual(['train', 'val']);
    const [train, val] = [await openDataset(root), await openDataset(root, { split: 'val' })];
    expect(await samplesIn(train)).toEqual(golden.imagenet.train);
    expect(await samplesIn(val)).toEqual(golden.imagenet.val);
    expect(train.classes).toEqual(['n01440764', 'n01443537', 'n01484850']);
    expect([train.split, val.split]).toEqual(['train', 'val']);
  });

  it('have labels that count from 0, in one file of many too', async () => {
    const shard = join(folderOfGolden(golden.imagenet), 'train', 'train-00001-of-00002');
    const dataset = await openDataset(shard);
    expect(Array.from({ length: dataset.length }, (_, i) => dataset.label(i))).toEqual([2, 0, 1, 2]);
  });
});

describe('TFRecords of TensorFlow Datasets', () => {
  it('give its images, classes and names, by split', async () => {
    const root = folderOfGolden(golden.tfds);
    expect(await splitsOf(root)).toEqual(['train', 'test']);
    const [train, test] = [await openDataset(root), await tfRecords(root, { split: 'test' })];
    expect(await samplesIn(train)).toEqual(golden.tfds.train);
    expect(await samplesIn(test)).toEqual(golden.tfds.test);
    // from label.labels.txt, with the class that the split has no sample of
    expect([train.classes, test.classes]).toEqual(Array(2).fill(['emu', 'cat', 'dog']));
  });
});
