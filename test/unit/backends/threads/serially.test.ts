import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { serially } from '../../../../backends/threads/serially.ts';

describe('serially', () => {
  it('begins a call when those before it have ended', async () => {
    const log: string[] = [];
    const run = serially(async (ms: number) => {
      log.push(`begin ${ms}`);
      await delay(ms);
      log.push(`end ${ms}`);
      return ms;
    });
    expect(await Promise.all([20, 1, 5].map(run))).toEqual([20, 1, 5]);
    expect(log).toEqual(['begin 20', 'end 20', 'begin 1', 'end 1', 'begin 5', 'end 5']);
  });

  it('goes on after a call that failed, which alone reports it', async () => {
    const run = serially(async (value: number) => {
      if (value < 0) throw new Error(`got ${value}`);
      return value;
    });
    const results = await Promise.allSettled([run(1), run(-2), run(3)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
