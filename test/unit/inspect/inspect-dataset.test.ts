import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeInspection } from '../../../src/cli/inspection-lines.ts';
import { datasetDigest, inspectDataset, openDataset } from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';
import { photo } from '../../support/photos.ts';

describe('inspectDataset', () => {
  it('says what a divided folder holds, and names bad samples among those looked at', async () => {
    const image = await photo(1);
    const root = folderOf({
      ...{ 'train/cat/1.jpg': image, 'train/cat/2.jpg': image, 'train/cat/3.jpg': image },
      ...{ 'train/dog/1.jpg': 'no image', 'val/cat/1.jpg': image },
    });
    const inspection = await inspectDataset(root);
    const { digest, width, height, ...others } = inspection;
    expect(others).toEqual({
      name: `imageFolder(${join(root, 'train')})`,
      ...{ splits: { train: ['train'], val: ['val'] }, split: 'train', samples: 4, classes: ['cat', 'dog'] },
      ...{
        classCounts: [3, 1],
        unlabelled: 0,
        severalLabels: false,
        bytes: 3 * image.length + 8,
        missing: 0,
      },
      place: { path: join(root, 'train/cat/1.jpg') },
      ...{ lookedAt: 4, formats: { jpeg: 3 } },
      bad: [
        {
          key: 'dog/1.jpg',
          code: 'NOT_AN_IMAGE',
          message: expect.stringMatching(/^expected a JPEG, .*got text/),
        },
      ],
    });
    expect(digest).toBe(await datasetDigest(await openDataset(root)));
    const lines = describeInspection(inspection);
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'source',
      'splits',
      'samples',
      'classes',
      'images',
      'bytes',
      'first',
      'bad',
      '',
      'digest',
    ]);
    expect(lines[1]).toBe('splits    train: train; val: val');
    expect(lines[3]).toBe('classes   cat 3, dog 1');
    expect(lines[4]).toBe(`images    4 of 4 looked at: 3 jpeg, ${width?.[0]} x ${height?.[0]} pixels`);
    const val = await inspectDataset(root, { split: 'val', samples: 0 });
    expect([val.samples, val.lookedAt, val.formats, val.width]).toEqual([1, 0, {}, undefined]);
  });

  it('takes the first split of data without train, counts each of several classes, and what is missing', async () => {
    const png = await photo(1, 30, 20);
    const list =
      '{"file":"1.png","label":["a","b"]}\n{"file":"2.png","label":[]}\n{"file":"3.png","label":["b"]}';
    const inspection = await inspectDataset(folderOf({ '1.png': png, '2.png': png, 'val.jsonl': list }));
    expect(inspection).toMatchObject({
      ...{
        splits: { val: ['val.jsonl'] },
        split: 'val',
        classCounts: [1, 2],
        unlabelled: 1,
        severalLabels: true,
      },
      ...{ missing: 1, bytes: 2 * png.length, width: [30, 30], height: [20, 20] },
      bad: [{ key: '3.png', code: 'MISSING_FILE' }],
    });
    expect(describeInspection(inspection)).toEqual(
      expect.arrayContaining([
        'classes   a 1, b 2; 1 without a label (samples may have several)',
        expect.stringMatching(/^bytes .*; 1 samples cannot be reached$/),
      ]),
    );
  });
});
