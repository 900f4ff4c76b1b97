import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../../src/ranks/exchange/patience.ts';

/** Waits for so long, and gives the pauses that were made. */
function pausesOf(milliseconds: number): number[] {
  const end = performance.now() + milliseconds;
  const pauses: number[] = [];
  const sleep = new Int32Array(new SharedArrayBuffer(4));
  const pause = (length: number) => {
    pauses.push(length);
    Atomics.wait(sleep, 0, 0, length);
  };
  waitUntil(() => performance.now() >= end, pause);
  return pauses;
}

describe('waitUntil', () => {
  it('does not sleep for what is done soon', () => {
    expect(pausesOf(0.3)).toEqual([]);
  });

  it('sleeps longer and longer, a tenth of the time waited, and at most a millisecond', () => {
    const pauses = pausesOf(40);
    expect(pauses.length).toBeGreaterThan(10);
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    expect(pauses[0]).toBeGreaterThanOrEqual(0.1);
    expect(pauses.at(-1)).toBe(1);
  });

  it('ends where a pause throws', () => {
    const pause = () => {
      throw new Error('told to end');
    };
    expect(() => waitUntil(() => false, pause)).toThrow('told to end');
  });
});
