import { describe, expect, it } from 'vitest';
import { classCounts } from '../../../src/datasets/class-counts.ts';
import { type Dataset, datasetDigest, defineDataset } from '../../../src/datasets/dataset.ts';
import { excluding } from '../../../src/datasets/excluding.ts';
import { locateSample } from '../../../src/datasets/sample.ts';
import { viewOf } from '../../../src/datasets/view.ts';
import { classBalanced } from '../../../src/index.ts';

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

describe('classes that are none', () => {
  const single = (label: unknown, classes: readonly string[] = ['a', 'b', 'c']): Dataset => {
    const { labels: _, ...definition } = several();
    return defineDataset({ ...definition, classes, label: () => label as number });
  };

  it.each([undefined, null, Number.NaN, 0.5, '1', 'a', -2, 3, [0]])('are refused as a label: %j', (label) => {
    expect(() => single(label).label(1)).toThrow(
      expect.objectContaining({
        code: 'INVALID_LABEL',
        message: expect.stringMatching(/^several: label\(1\) must give a class index 0\.\.2, or -1, got /),
      }),
    );
    expect([-1, 0, 2].map((one) => single(one).label(0))).toEqual([-1, 0, 2]);
  });

  it('are all where a dataset has no classes', () => {
    expect(single(-1, []).label(0)).toBe(-1);
    expect(() => single(0, []).label(0)).toThrow('(the dataset has no classes), or -1, got 0');
  });

  it.each([
    [[1, 0]],
    [[1, 1]],
    [[0.5]],
    [[-1]],
    [[3]],
    [['a']],
    [undefined],
    [null],
    [1],
    [Uint8Array.of(1)],
  ])('are refused as labels: %j', (list) => {
    const dataset = several([[0], list as number[], [1]]);
    expect(() => dataset.labels?.(1)).toThrow(
      /^several: labels\(1\) must give class indices 0\.\.2, ascending and each once, got /,
    );
    expect(() => classBalanced().open({ dataset, seed: 0, batchSize: 1 })).toThrow('several: labels(1)');
    expect(dataset.labels?.(2)).toEqual([1]);
  });

  it('are refused where a label is not the first of its sample’s labels', () => {
    const contrary = (label: number, list: number[]) =>
      locateSample({ ...several([list, [], []]), label: () => label }, 0);
    expect(contrary(1, [1, 2]).labels).toEqual([1, 2]);
    expect(contrary(-1, []).labels).toEqual([]);
    for (const [label, list] of [
      [2, [1, 2]],
      [-1, [1]],
      [0, []],
    ] as const)
      expect(() => contrary(label, [...list])).toThrow(
        'label(0) must give the first of labels(0), or -1 where it has none, got',
      );
  });
});

describe('how many samples are of which class', () => {
  it('counts a sample in each of its classes, and those that have none', () => {
    expect(classCounts(several())).toEqual({ counts: Float64Array.of(1, 1, 1), unlabelled: 1 });
    const { labels: _, ...single } = several();
    expect(classCounts(single)).toEqual({ counts: Float64Array.of(1, 1, 0), unlabelled: 1 });
  });
});
