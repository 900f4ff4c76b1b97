import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalTexts } from '../../../src/datasets/columns/equal-texts.ts';
import { LabelLists } from '../../../src/datasets/columns/label-lists.ts';
import { NumberColumn } from '../../../src/datasets/columns/number-column.ts';
import { RunColumn } from '../../../src/datasets/columns/run-column.ts';
import { TextColumn } from '../../../src/datasets/columns/text-column.ts';
import { TextPlaces } from '../../../src/datasets/columns/text-places.ts';

describe('columns of millions of samples', () => {
  it('give back every number, however far from its neighbours', () => {
    const column = new NumberColumn();
    const spans = [0, 1, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 52];
    // chunks whose numbers are all the same, or need 1, 2, 4 or 8 bytes, from below zero on
    const numberAt = (i: number) => {
      const span = spans[Math.floor(i / 8192) % spans.length] as number;
      return (i % 3 === 0 ? span : Math.floor(span / (1 + (i % 7)))) - (span === 0 ? 1 : 5);
    };
    const count = 8192 * spans.length + 100;
    for (let i = 0; i < count; i++) column.push(numberAt(i));
    expect(column.length).toBe(count);
    for (let i = 0; i < count; i++) if (column.at(i) !== numberAt(i)) expect(i).toBe(-1);
    expect([...NumberColumn.from([3, -1, 2 ** 53 - 1])]).toEqual([3, -1, 2 ** 53 - 1]);
  });

  it('take no bytes for numbers that are all the same, and few for neighbours that are alike', () => {
    const bytesFor = (numberAt: (i: number) => number) => {
      globalThis.gc?.();
      const before = process.memoryUsage().arrayBuffers;
      const column = new NumberColumn();
      for (let i = 0; i < 2 ** 18; i++) column.push(numberAt(i));
      const bytes = (process.memoryUsage().arrayBuffers - before) / 2 ** 18;
      return column.length === 2 ** 18 ? bytes : Number.NaN;
    };
    expect(bytesFor(() => -1)).toBeLessThan(0.1);
    expect(bytesFor((i) => 2 ** 40 + (i % 200))).toBeLessThan(1.2);
    expect(bytesFor((i) => 2 ** 40 + 10_000 * i)).toBeLessThan(4.2);
  });

  it('give back every text, whatever it holds', () => {
    const long = fc.integer({ min: 1000, max: 1100 }).map((length) => 'é'.repeat(length / 2));
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

  it('give back texts that share beginnings, endings and digits, in any order', () => {
    const part = fc.constantFrom(
      'a',
      'cat/',
      '0',
      '00',
      '7',
      '1234567890',
      'é',
      '\u{1f408}',
      '.jpg',
      '/',
      'x'.repeat(130),
    );
    const texts = fc.array(
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join('')),
      {
        minLength: 1,
        maxLength: 100,
      },
    );
    fc.assert(
      fc.property(texts, fc.infiniteStream(fc.nat()), (all, places) => {
        const column = new TextColumn();
        for (const one of all) column.push(one);
        const indices = [...places.take(200)].map((place) => place % all.length);
        expect(indices.map((index) => column.at(index))).toEqual(indices.map((index) => all[index]));
        expect([...column]).toEqual(all);
      }),
    );
  });

  it('find texts while others are added, over many chunks of bytes', () => {
    const column = new TextColumn();
    const textAt = (i: number) => `${(i * 7919) % 1000}-${'abc'.repeat(i % 300)}-${i}`;
    for (let i = 0; i < 20_000; i++) {
      column.push(textAt(i));
      const earlier = (i * 31) % (i + 1);
      if (column.at(earlier) !== textAt(earlier)) expect(earlier).toBe(-1);
    }
  });

  it('give back labels and lists of labels, as they are numbered in the end', () => {
    const said = [4, [7, 2, 9], -1, [], 3, [5], [8, 1]];
    const lists = new LabelLists();
    for (const one of said) lists.add(one);
    lists.drop(6);
    lists.drop(4);
    const numbers = lists.numbers();
    expect([...numbers]).toEqual([4, -1, -1, -1, -1, -1, -1, 7, 2, 9, 5, -1, -1]);
    const { labels, lists: found } = lists.finish(numbers.map((one) => (one === -1 ? -1 : 10 - one)));
    expect([...labels]).toEqual([6, 1, -1, -1, -1, 5, -1]);
    const expected = [undefined, [1, 3, 8], undefined, [], undefined, [5], undefined];
    expect(said.map((_, index) => found?.get(index))).toEqual(expected);
    lists.drop(1);
    lists.drop(3);
    expect(lists.areLists).toBe(true);
    lists.drop(5);
    expect([lists.areLists, lists.finish(lists.numbers()).lists]).toEqual([false, undefined]);
  });

  it('know which run a sample is in, and where that begins', () => {
    const column = new RunColumn();
    const values = [4, 4, 4, 0, 7, 7, 4];
    for (const value of values) column.push(value);
    expect(values.map((_, index) => column.at(index))).toEqual(values);
    expect(values.map((_, index) => column.startAt(index))).toEqual([0, 0, 0, 3, 4, 4, 6]);
  });

  it('find where a text is last, and none that is not there', () => {
    const some = fc.array(fc.string({ maxLength: 2, unit: fc.constantFrom('a', 'b', 'é') }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(some, some, (texts, others) => {
        const column = new TextColumn();
        for (const one of texts) column.push(one);
        const places = new TextPlaces(column);
        for (const one of [...texts, ...others])
          expect(places.placeOf(one) ?? -1).toBe(texts.lastIndexOf(one));
      }),
    );
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
