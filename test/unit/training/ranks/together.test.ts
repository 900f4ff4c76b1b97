import { describe, expect, it } from 'vitest';
import { DataError } from '../../../../src/core/errors.ts';
import { Agreement } from '../../../../src/training/ranks/agreement.ts';
import { localRanks } from '../../../support/local-ranks.ts';

const onAll = (size: number, work: (rank: number) => Promise<unknown>) =>
  Promise.allSettled(localRanks(size).map((ranks) => new Agreement(ranks).together(() => work(ranks.rank))));

describe('together', () => {
  it('gives each rank its own result', async () => {
    const outcomes = await onAll(2, async (rank) => rank * 10);
    expect(outcomes).toEqual([0, 10].map((value) => ({ status: 'fulfilled', value })));
  });

  it('throws on all ranks what one of them threw, and names it', async () => {
    const outcomes = await onAll(4, async (rank) => {
      if (rank === 2) throw new DataError('MISSING_FILE', 'photos: no such folder', { sample: 'photos' });
    });
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: {
          name: 'DataError',
          code: 'MISSING_FILE',
          message: 'rank 2 of 4: photos: no such folder',
          sample: 'photos',
        },
      });
  });

  it('names no rank where all say the same', async () => {
    const outcomes = await onAll(2, async () => {
      throw new DataError('MISSING_FILE', 'photos: no such folder');
    });
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ reason: { message: 'photos: no such folder' } });
  });
});
