import { describe, expect, it } from 'vitest';
import { datasetDigest, excluding, filter, subset } from '../../../../src/index.ts';
import { keysOf, labelled } from '../../../support/labelled.ts';

const data = labelled(12, (index) => index % 3, ['cat', 'dog', 'cow']);

describe('subset', () => {
  it('has the samples of these indices or keys, in the dataset’s order, under the same numbers', () => {
    const some = subset(data, [7, 2, 5]);
    expect(keysOf(some)).toEqual(['2/2', '2/5', '1/7']);
    expect([0, 1, 2].map((index) => some.label(index))).toEqual([2, 2, 1]);
    expect(some.classes).toEqual(data.classes);
    expect(keysOf(subset(data, ['1/7', '2/2']))).toEqual(['2/2', '1/7']);
    expect(() => some.key(3)).toThrow('less than 3');
  });

  it('has the digest of the dataset without the others', async () => {
    const without = excluding(data, ['0/0', '1/4']);
    const kept = subset(data, new Set(keysOf(without)));
    expect(await datasetDigest(kept)).toBe(await datasetDigest(without));
    expect(await datasetDigest(subset(data, [0]))).not.toBe(await datasetDigest(subset(data, [3])));
  });

  it.each([
    [[], 'NOTHING_LEFT', 'the list of samples is empty'],
    [[1, 1], 'DUPLICATE_KEY', 'index 1 is listed twice'],
    [['0/0', '0/3', '0/0'], 'DUPLICATE_KEY', '0/0 is listed twice'],
    [['0/0', 'no', 'nor'], 'UNKNOWN_KEY', "no sample has the key 'no', 'nor' (keys look like '0/0')"],
    [[12], 'INVALID_INDEX', 'indices 0..11, got 12'],
    [['0/0', 1], 'INVALID_INDEX', 'got 0/0'],
    ['0/0', 'INVALID_OPTION', 'a list of indices or keys'],
  ])('refuses %j', (chosen, code, message) => {
    expect(() => subset(data, chosen as string[])).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});

describe('filter', () => {
  it('keeps the samples of which the function says true, now or later', async () => {
    expect(keysOf(await filter(data, ({ label, index }) => label === 1 && index > 3))).toEqual([
      ...['1/4', '1/7', '1/10'],
    ]);
    const small = await filter(data, async ({ byteLength }) => (await byteLength()) < 102);
    expect(keysOf(small)).toEqual(['0/0', '1/1']);
    const several = labelled(4, (index) => [0, index].slice(0, index), ['a', 'b', 'c', 'd']);
    expect(keysOf(await filter(several, ({ labels }) => labels.length === 0))).toEqual(['none/0']);
    expect(
      keysOf(
        await filter(
          labelled(200, () => 0),
          ({ key }) => key.endsWith('99'),
        ),
      ),
    ).toEqual([...['0/99', '0/199']]);
  });

  it('names what went wrong', async () => {
    await expect(filter(data, () => false)).rejects.toMatchObject({ code: 'NOTHING_LEFT' });
    const wrong = filter(data, () => 1 as unknown as boolean);
    await expect(wrong).rejects.toThrow('true or false, got 1 for index 0');
    const fault = filter(data, ({ key }) => {
      throw new TypeError(`no ${key}`);
    });
    await expect(fault).rejects.toMatchObject({ code: 'DATASET_FAILED', sample: '0/0' });
    await expect(filter(data, 'cat' as never)).rejects.toThrow('expected a function');
  });
});
