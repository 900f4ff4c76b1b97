import { describe, expect, it } from 'vitest';
import { datasetDigest, defineDataset } from '../../../src/datasets/dataset.ts';
import { excluding } from '../../../src/datasets/excluding.ts';
import { viewOf } from '../../../src/datasets/view.ts';

const labels = [[0, 2], [], [1]];

const several = (own = labels) =>
  defineDataset({
    ...{ name: 'several', length: 3, classes: ['a', 'b', 'c'] },
    key: (index) => `${index}.jpg`,
    label: (index) => own[index]?.[0] ?? -1,
    labels: (index) => own[index] as readonly number[],
    locator: (index) => index,
    byteLength: async () => 10,
    reader: { module: 'none' },
  });

describe('a dataset whose samples may have several classes', () => {
  it('has them in its digest', async () => {
    const digest = await datasetDigest(several());
    expect(await datasetDigest(several([[0, 2], [], [1]]))).toBe(digest);
    expect(await datasetDigest(several([[0, 1], [], [1]]))).not.toBe(digest);
    // [1] is not 1: the one says that the sample might have had others
    const { labels: _, ...single } = several([[0], [], [1]]);
    expect(await datasetDigest(single)).not.toBe(await datasetDigest(several([[0], [], [1]])));
  });

  it('keeps them in views, ascending under the view’s numbers, without classes that it lacks', () => {
    const numbers = [2, -1, 0];
    const view = viewOf(several(), { name: 'view', relabelled: (label) => numbers[label] as number });
    expect([0, 1, 2].map((index) => view.labels?.(index))).toEqual([[0, 2], [], []]);
    expect(excluding(several(), ['1.jpg']).labels?.(1)).toEqual([1]);
  });

  it('has each of them left somewhere after samples are left out', () => {
    expect(() => excluding(several(), ['0.jpg'])).toThrow(
      /all samples of the classes a, c are to be left out/,
    );
  });

  it('refuses an index that no sample has', () => {
    expect(() => several().labels?.(3)).toThrow(/several: index must be an integer .*, got 3/);
  });
});
