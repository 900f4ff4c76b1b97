import { describe, expect, it } from 'vitest';
import { ThreadChoice } from '../../../../backends/cpu/tensors/thread-choice.ts';

/** Makes runs that take as long as `timeOf` says. Returns the threads of each. */
function runs(choice: ThreadChoice, count: number, timeOf: (threads: number) => number): number[] {
  return Array.from({ length: count }, () => {
    const threads = choice.next();
    choice.took(timeOf(threads));
    return threads;
  });
}
const shareOf = (list: readonly number[], threads: number): number =>
  list.filter((one) => one === threads).length / list.length;

describe('a choice of threads', () => {
  it('takes all where they are faster', () => {
    const choice = new ThreadChoice(8);
    const threads = runs(choice, 500, (n) => 100 / n + 1);
    expect(choice.best).toBe(8);
    expect(shareOf(threads, 8)).toBeGreaterThan(0.9);
    expect([...new Set(threads)].sort((a, b) => a - b)).toEqual([1, 2, 4, 8]);
  });

  it('takes one where two share a core', () => {
    const choice = new ThreadChoice(2);
    const threads = runs(choice, 200, (n) => (n === 2 ? 110 : 100));
    expect(choice.best).toBe(1);
    expect(shareOf(threads, 1)).toBeGreaterThan(0.85);
  });

  it('takes the number in between that is fastest', () => {
    const choice = new ThreadChoice(6);
    runs(choice, 100, (n) => Math.abs(n - 4) + 10);
    expect(choice.best).toBe(4);
  });

  it('takes fewer where more gain next to nothing', () => {
    const choice = new ThreadChoice(2);
    runs(choice, 100, (n) => (n === 2 ? 97 : 100));
    expect(choice.best).toBe(1);
  });

  it('notices that another program has come, and that it has gone', () => {
    const choice = new ThreadChoice(2);
    const alone = (n: number) => 100 / n;
    runs(choice, 100, alone);
    expect(choice.best).toBe(2);
    runs(choice, 400, (n) => (n === 2 ? 150 : 100));
    expect(choice.best).toBe(1);
    runs(choice, 900, alone);
    expect(choice.best).toBe(2);
  });

  it('costs little where one is best: few runs with more, and none to the end', () => {
    const choice = new ThreadChoice(2);
    const threads = runs(choice, 1000, (n) => (n === 2 ? 260 : 100));
    const time = threads.reduce((sum, n) => sum + (n === 2 ? 260 : 100), 0);
    // with those before the first trial
    expect(time / (1000 * 100)).toBeLessThan(1.03);
  });

  it('notices at once that another program has come', () => {
    const choice = new ThreadChoice(2);
    runs(choice, 900, (n) => 100 / n);
    expect(runs(choice, 30, (n) => (n === 2 ? 150 : 100)).slice(-10)).toEqual(new Array(10).fill(1));
  });

  it('says what its first trial has found', () => {
    const choice = new ThreadChoice(2);
    const found: unknown[] = [];
    for (let run = 0; run < 20; run++) {
      const decision = choice.took(choice.next() === 2 ? 120 : 100);
      if (decision !== undefined) found.push(decision);
    }
    expect(found).toEqual([{ threads: 1, milliseconds: 100, withMost: 120 }]);
  });

  it('is not misled by one slow run', () => {
    const choice = new ThreadChoice(2);
    let count = 0;
    runs(choice, 60, (n) => (count++ === 9 ? 10_000 : 100 / n));
    expect(choice.best).toBe(2);
  });

  it('tries nothing where there is but one', () => {
    expect(new Set(runs(new ThreadChoice(1), 300, () => 1))).toEqual(new Set([1]));
  });
});
