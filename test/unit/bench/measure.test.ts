import { describe, expect, it } from 'vitest';
import { interleave, kneeOf, markdownTable, summarize, timeCalls } from '../../../bench/measure.ts';

describe('summarize', () => {
  it('takes the middle value of an odd number of values, in any order', () => {
    expect(summarize([10, 9, 100])).toEqual({ median: 10, min: 9, max: 100 });
  });

  it('takes the mean of the two middle values of an even number', () => {
    expect(summarize([4, 1, 2, 9])).toEqual({ median: 3, min: 1, max: 9 });
  });

  it('refuses an empty list instead of returning a made-up number', () => {
    expect(() => summarize([])).toThrow('no values');
  });
});

describe('interleave', () => {
  it('runs everyone once a round and lets each go first in turn', async () => {
    const order: string[] = [];
    const results = await interleave(['a', 'b', 'c'], 3, (name, round) => {
      order.push(name);
      return `${name}${round}`;
    });
    expect(order.join('')).toBe('abcbcacab');
    expect(results.get('b')).toEqual(['b0', 'b1', 'b2']);
  });
});

describe('timeCalls', () => {
  it('waits for asynchronous work and leaves the warm-up out', async () => {
    let calls = 0;
    const slowFirst = () => new Promise((resolve) => setTimeout(resolve, calls++ === 0 ? 1000 : 50));
    const times = await timeCalls({ slowFirst, nothing: () => undefined }, { warmup: 1, runs: 3 });
    expect(calls).toBe(4);
    expect(times.get('slowFirst')?.min).toBeGreaterThan(45);
    expect(times.get('slowFirst')?.max).toBeLessThan(900);
    expect(times.get('nothing')?.median).toBeLessThan(45);
  });
});

describe('kneeOf', () => {
  const points = [1000, 1890, 1910, 2000, 1700].map((median, i) => ({ setting: i + 1, median }));

  it('takes the smallest setting near the best, in any order of the points', () => {
    expect(kneeOf(points, 0.05)).toBe(3);
    expect(kneeOf(points.toReversed(), 0.06)).toBe(2);
  });

  it('takes the best itself without tolerance, and refuses to choose among none', () => {
    expect(kneeOf(points, 0)).toBe(4);
    expect(() => kneeOf([], 0.05)).toThrow('no values');
  });
});

describe('markdownTable', () => {
  it('lines up its columns', () => {
    expect(markdownTable(['loader', 'n'], [['ours', '12']])).toBe(
      '| loader |   n |\n| ------ | --: |\n| ours   |  12 |\n',
    );
  });

  it('refuses a row of another length', () => {
    expect(() => markdownTable(['a', 'b'], [['1']])).toThrow('1 cells under 2 headings');
  });
});
