import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalTexts } from '../../../src/datasets/columns/equal-texts.ts';
import { NumberColumn } from '../../../src/datasets/columns/number-column.ts';
import { RunColumn } from '../../../src/datasets/columns/run-column.ts';
import { TextColumn } from '../../../src/datasets/columns/text-column.ts';

describe('columns of millions of samples', () => {
  it('give back every number, however large, in 4 bytes where that is enough', () => {
    const column = new NumberColumn();
    const numberAt = (i: number) => (i % 70_000 === 5 ? 2 ** 40 + i : i * 7);
    for (let i = 0; i < 140_000; i++) column.push(numberAt(i));
    expect(column.length).toBe(140_000);
    for (let i = 0; i < 140_000; i += 1) if (column.at(i) !== numberAt(i)) expect(i).toBe(-1);
    expect([...column].slice(0, 7)).toEqual([0, 7, 14, 21, 28, 2 ** 40 + 5, 42]);
    column.push(2 ** 32 - 1);
    column.push(2 ** 32);
    expect([column.at(140_000), column.at(140_001)]).toEqual([2 ** 32 - 1, 2 ** 32]);
  });

  it('give back every text, whatever it holds', () => {
    const long = fc.integer({ min: 2 ** 18, max: 2 ** 20 + 9 }).map((length) => 'é'.repeat(length / 2));
    const text = fc.oneof(
      { weight: 20, arbitrary: fc.string({ unit: 'binary' }) },
      fc.constant('\ud800'),
      long,
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), (texts) => {
        const column = new TextColumn();
        for (const one of texts) column.push(one);
        expect(column.length).toBe(texts.length);
        expect(texts.every((one, index) => column.at(index) === one)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('know which run a sample is in, and where that begins', () => {
    const column = new RunColumn();
    const values = [4, 4, 4, 0, 7, 7, 4];
    for (const value of values) column.push(value);
    expect(values.map((_, index) => column.at(index))).toEqual(values);
    expect(values.map((_, index) => column.startAt(index))).toEqual([0, 0, 0, 3, 4, 4, 6]);
  });

  it('find the first text that was there before', () => {
    const few = fc.array(fc.constantFrom('a', 'b', 'ab', 'ba', '', 'aa', 'c', 'd'), { maxLength: 8 });
    fc.assert(
      fc.property(few, (texts) => {
        const second = texts.findIndex((one, index) => texts.indexOf(one) < index);
        const expected =
          second === -1 ? undefined : [texts.indexOf(texts[second] as (typeof texts)[number]), second];
        expect(equalTexts(texts.length, (index) => texts[index] as string)).toEqual(expected);
      }),
    );
  });
});
