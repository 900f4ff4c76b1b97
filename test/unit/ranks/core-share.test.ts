import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { coreShare, shareOf } from '../../../src/ranks/core-share.ts';
import { alone } from '../../../src/ranks/ranks.ts';
import { localRanks } from '../../support/local-ranks.ts';

const on = (host: string, allowed?: string) => ({ host, allowed });

describe('the cores of a rank', () => {
  it('are divided among the ranks of a host that may use the same', () => {
    const places = [on('a', '0-15'), on('a', '0-15'), on('b', '0-15'), on('a', '0-15')];
    expect([0, 1, 2, 3].map((rank) => shareOf(places, rank, 16))).toEqual([5, 5, 16, 5]);
  });

  it('are those that a launcher has bound it to', () => {
    const places = [on('a', '0-3'), on('a', '4-7'), on('a', '0-3'), on('a', '4-7')];
    expect(shareOf([on('a', '0'), on('a', '1')], 1, 1)).toBe(1);
    expect(shareOf(places, 2, 4)).toBe(2);
  });

  it('are divided by hosts alone where the system does not say who is bound to what', () => {
    expect(shareOf([on('a'), on('a'), on('b')], 0, 8)).toBe(4);
  });

  it('are at least one', () => {
    const places = Array.from({ length: 8 }, () => on('a', '0-1'));
    expect(shareOf(places, 7, 2)).toBe(1);
  });

  it('are half of this machine for each of two ranks here, and all for a rank that is alone', async () => {
    const shares = await Promise.all(localRanks(2).map(coreShare));
    const half = Math.max(1, Math.floor(availableParallelism() / 2));
    expect(shares).toEqual([half, half]);
    expect(await coreShare(alone)).toBeUndefined();
  });
});
