import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kFold } from '../../../../src/index.ts';
import { countsOf, keysOf, labelled } from '../../../support/labelled.ts';

/** Of classes in any order. */
const counts = fc.array(fc.integer({ min: 2, max: 9 }), { minLength: 1, maxLength: 5 });
const ofCounts = (some: readonly number[]) => {
  const labels = some.flatMap((count, label) => Array.from({ length: count }, () => label));
  const order = labels.map((_, i) => (i * 7919) % labels.length);
  const isPermutation = new Set(order).size === labels.length;
  return labelled(
    labels.length,
    (index) => labels[isPermutation ? (order[index] as number) : index] as number,
  );
};
const spread = (numbers: readonly number[]) => Math.max(...numbers) - Math.min(...numbers);

describe('kFold', () => {
  it('has each sample in the val part of one fold, of even sizes in all and in each class', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 2, max: 6 }), fc.boolean(), (some, k, stratified) => {
        const data = ofCounts(some);
        fc.pre(data.length >= k);
        const folds = Array.from({ length: k }, (_, i) => kFold(data, k, i + 1, { stratified, seed: 3 }));
        expect(folds.flatMap(({ val }) => keysOf(val)).toSorted()).toEqual(keysOf(data).toSorted());
        for (const { train, val } of folds)
          expect([...keysOf(train), ...keysOf(val)].toSorted()).toEqual(keysOf(data).toSorted());
        expect(spread(folds.map(({ val }) => val.length))).toBeLessThanOrEqual(1);
        if (!stratified) return;
        for (const label of some.keys())
          expect(spread(folds.map(({ val }) => countsOf(val)[label] ?? 0))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is said by the hashes of the keys and the seed, the committed ones', () => {
    const data = labelled(12, (index) => index % 2);
    expect([1, 2, 3].map((fold) => keysOf(kFold(data, 3, fold).val).join(' '))).toMatchInlineSnapshot(`
      [
        "0/6 1/7 0/10 1/11",
        "0/2 1/3 0/4 1/9",
        "0/0 1/1 1/5 0/8",
      ]
    `);
    expect(keysOf(kFold(data, 3, 1, { seed: 7 }).val).join(' ')).toMatchInlineSnapshot(`"1/1 0/2 1/3 0/10"`);
  });

  it('depends on keys, not on the order of the samples', () => {
    const data = labelled(30, () => 0);
    const reversed = labelled(30, () => 0);
    const backwards = {
      ...reversed,
      key: (index: number) => data.key(29 - index),
    };
    expect(keysOf(kFold(backwards, 3, 2).val).toSorted()).toEqual(keysOf(kFold(data, 3, 2).val).toSorted());
  });

  it('names what it cannot divide', () => {
    const data = labelled(5, (index) => Math.min(index, 1), ['cat', 'dog']);
    expect(() => kFold(data, 2, 1)).toThrow('the class cat has one sample');
    expect(kFold(data, 2, 1, { stratified: false }).val.length).toBe(3);
    expect(() => kFold(data, 6, 1)).toThrow('k must be an integer 2..5, got 6');
    expect(() =>
      kFold(
        labelled(1, () => 0),
        2,
        1,
      ),
    ).toThrow('a dataset of 1 samples cannot be divided');
    // the first class of one sample alone, yet a class of both
    const several = labelled(4, (index) => [[0, 1], [1], [1], [0]][index % 2] as number[], ['cat', 'dog']);
    expect(kFold(several, 2, 1).val.length).toBe(2);
    expect(() => kFold(data, 2, 0)).toThrow('fold must be an integer 1..2, got 0');
    expect(() => kFold(data, 2, 1, { seed: -1 })).toThrow('seed must be');
  });
});
