import { describe, expect, it } from 'vitest';
import { type Dataset, datasetDigest, imageFolder, images } from '../../../src/index.ts';
import { alignClasses } from '../../../src/training/align-classes.ts';
import { folderOf } from '../../support/folders.ts';
import { patternImage } from '../../support/raw-images.ts';

const classes = ['bird', 'cat', 'dog'];
const image = patternImage(0, 3, 2);
const labels = (dataset: Dataset) => Array.from({ length: dataset.length }, (_, i) => dataset.label(i));
const numbered = (...given: number[]) => images(given.map((label) => ({ image, label })));
function aligned(dataset: Dataset, trained: readonly string[] = classes) {
  const told: string[] = [];
  return { dataset: alignClasses(dataset, trained, (message) => told.push(message)), told };
}

describe('alignClasses', () => {
  it('gives labels the numbers that the names have in training', async () => {
    const { dataset, told } = aligned(imageFolder(folderOf({ 'cat/1.jpg': 'one', 'dog/1.jpg': 'three' })));
    expect([dataset.classes, labels(dataset)]).toEqual([classes, [1, 2]]);
    expect(told).toEqual([expect.stringMatching(/^imageFolder\(.*\): has no images of bird$/)]);
    const items = ['one', 'three'].map((text, i) => ({
      key: `${classes[i + 1]}/1.jpg`,
      label: i + 1,
      image: Buffer.from(text),
    }));
    expect(await datasetDigest(dataset)).toBe(await datasetDigest(images(items, { classes })));
  });

  it('finds names whatever their order, and keeps what has no label without one', () => {
    const given = images([{ image, label: 0 }, { image, label: 1 }, { image }], { classes: ['dog', 'bird'] });
    const { dataset, told } = aligned(given);
    expect(labels(dataset)).toEqual([2, 0, -1]);
    expect([dataset.key(1), dataset.length, told.length]).toEqual(['1', 3, 1]);
    expect(aligned(images([{ image, label: 2 }], { classes: ['dog', 'bird', 'cat'] }))).toMatchObject({
      told: [],
    });
  });

  it('keeps a dataset of the same classes as it is', () => {
    const same = images([{ image, label: 1 }], { classes });
    expect(aligned(same)).toEqual({ dataset: same, told: [] });
  });

  it('refuses by name what the model does not know', () => {
    for (const [own, message] of [
      [['bird', 'cat', 'fox'], 'unknown to the model: fox; missing: dog'],
      [['bird', 'cat', 'dog', 'fox'], 'unknown to the model: fox; missing: none'],
      [['Bird', 'cat', 'dog'], 'unknown to the model: Bird; missing: bird'],
      [['0', '1', '2'], 'unknown to the model: 0, 1, 2; missing: bird, cat, dog'],
    ] as const)
      expect(() => aligned(images([{ image, label: 0 }], { classes: own }))).toThrow(
        expect.objectContaining({ code: 'OTHER_CLASSES', message: expect.stringContaining(message) }),
      );
  });

  it('takes numbered classes by their number, whichever is the highest that there is', () => {
    const few = numbered(0, 1);
    expect(aligned(few, ['0', '1', '2'])).toEqual({ dataset: few, told: [] });
    expect(() => aligned(numbered(0, 3), ['0', '1', '2'])).toThrow('unknown to the model: 3; missing: none');
  });
});
