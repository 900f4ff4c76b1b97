import { describe, expect, it } from 'vitest';
import { DataError, OutputError } from '../../../../src/core/errors.ts';
import { Interrupted } from '../../../../src/core/interrupted.ts';
import { alone } from '../../../../src/ranks/ranks.ts';
import { Agreement } from '../../../../src/training/ranks/agreement.ts';
import { localRanks } from '../../../support/local-ranks.ts';

/** What each rank's work came to: its value, or the error that it threw. */
const outcomes = async (
  agreements: readonly Agreement[],
  work: (agreement: Agreement, rank: number) => Promise<unknown>,
): Promise<unknown[]> => {
  const settled = await Promise.allSettled(agreements.map((agreement, rank) => work(agreement, rank)));
  return settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason));
};

const agreementsOf = (size: number, signals: readonly AbortSignal[] = []) =>
  localRanks(size).map((ranks, rank) => new Agreement(ranks, signals[rank]));

describe('an agreement of ranks', () => {
  it('gives all ranks what each has, whatever kind of value it is', async () => {
    const values = await outcomes(agreementsOf(2), (agreement, rank) =>
      agreement.share(async () => ({
        rank,
        nothing: undefined,
        not: Number.NaN,
        bytes: Uint8Array.of(rank),
      })),
    );
    const all = [0, 1].map((rank) => ({
      ...{ rank, nothing: undefined, not: Number.NaN, bytes: Uint8Array.of(rank) },
    }));
    expect(values).toEqual([all, all]);
  });

  it('throws one error on all ranks where one failed, which names it', async () => {
    const agreements = agreementsOf(4);
    const errors = await outcomes(agreements, (agreement, rank) =>
      agreement.together(async () => {
        if (rank > 1) throw new DataError('GONE', `${rank}.jpg is gone`, { sample: `${rank}.jpg` });
      }),
    );
    for (const error of errors) {
      expect(error).toBeInstanceOf(DataError);
      expect(error).toMatchObject({ code: 'GONE', sample: '2.jpg', message: 'rank 2 of 4: 2.jpg is gone' });
    }
    expect(agreements.map((agreement, rank) => agreement.isAgreed(errors[rank]))).toEqual(
      Array(4).fill(true),
    );
  });

  it('throws their own error where all failed alike', async () => {
    const own = [new DataError('NONE', 'no images'), new DataError('NONE', 'no images')];
    const errors = await outcomes(agreementsOf(2), (agreement, rank) =>
      agreement.together(async () => {
        throw own[rank];
      }),
    );
    expect(errors[0]).toBe(own[0]);
    expect(errors[1]).toBe(own[1]);
  });

  it('does not know an error that one rank has for itself, but knows what is made of an agreed one', async () => {
    const [agreement] = agreementsOf(2) as [Agreement, Agreement];
    expect(agreement.isAgreed(new Error('mine'))).toBe(false);
    const agreed = new Error('all');
    expect(() =>
      agreement.alike(() => {
        throw agreed;
      }),
    ).toThrow(agreed);
    expect(agreement.isAgreed(new Error('more', { cause: agreed }))).toBe(true);
  });

  it('stops all ranks where the signal of one is aborted: it throws its reason, the others that they were interrupted', async () => {
    const controllers = [new AbortController(), new AbortController()] as const;
    const agreements = agreementsOf(
      2,
      controllers.map(({ signal }) => signal),
    );
    const reason = new Error('enough');
    controllers[1].abort(reason);
    const errors = await outcomes(agreements, (agreement, rank) =>
      agreement.together(async () => controllers[rank]?.signal.throwIfAborted()),
    );
    expect(errors[1]).toBe(reason);
    expect(errors[0]).toBeInstanceOf(Interrupted);
    expect(errors[0]).toMatchObject({ message: 'rank 1 of 2: enough' });
    expect(agreements.map((agreement, rank) => agreement.isStop(errors[rank]))).toEqual([true, true]);
  });

  it('goes by the error where one rank fails and another is stopped', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    const agreements = agreementsOf(2, [controller.signal]);
    const errors = await outcomes(agreements, (agreement, rank) =>
      agreement.together(async () => {
        if (rank === 0) controller.signal.throwIfAborted();
        throw new DataError('GONE', 'gone');
      }),
    );
    expect(errors.map((error) => (error as Error).message)).toEqual(Array(2).fill('rank 1 of 2: gone'));
    expect(agreements.map((agreement, rank) => agreement.isStop(errors[rank]))).toEqual([false, false]);
  });

  it('goes on where a signal is aborted during work that can be finished', async () => {
    const controller = new AbortController();
    const saved = await outcomes(agreementsOf(2, [controller.signal]), (agreement) =>
      agreement.onFirst(async () => {
        controller.abort();
        return 'saved';
      }),
    );
    expect(saved).toEqual(['saved', undefined]);
  });

  it('has all ranks fail, at their next agreement, by what one does aside', async () => {
    const full = () => {
      throw new OutputError('DISK_FULL', 'no space');
    };
    const errors = await outcomes(agreementsOf(2), async (agreement) => {
      if (agreement.isFirst) agreement.aside(full);
      await agreement.share(async () => 'next');
    });
    for (const error of errors) expect(error).toMatchObject({ message: 'rank 0 of 2: no space' });
    expect(() => new Agreement(alone).aside(full)).toThrow('no space');
  });

  it('closes what ranks have opened where another could not open it', async () => {
    const closed: number[] = [];
    const errors = await outcomes(agreementsOf(4), (agreement, rank) =>
      agreement.open(
        async () => {
          if (rank === 2) throw new DataError('GONE', 'gone');
          return rank;
        },
        async (opened) => void closed.push(opened),
      ),
    );
    expect(errors.map((error) => (error as Error).message)).toEqual(Array(4).fill('rank 2 of 4: gone'));
    expect(closed.sort()).toEqual([0, 1, 3]);
  });

  it('exchanges nothing where a rank is alone', async () => {
    const refuse = async () => Promise.reject(new Error('a rank that is alone has exchanged something'));
    const agreement = new Agreement({ ...alone, gather: refuse, sum: refuse });
    const work = async () => 7;
    expect(await agreement.share(work)).toEqual([7]);
    expect(await agreement.together(work)).toBe(7);
    expect(await agreement.onFirst(work)).toBe(7);
    expect(await agreement.fromFirst(work)).toBe(7);
    expect(await agreement.open(work, async () => {})).toBe(7);
  });
});
