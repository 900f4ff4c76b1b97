import type { SampleMaker } from '../engine/rows/sample-maker.ts';
import type { Difference } from './difference.ts';

/** What comes out differently, without where. */
export type Finding = Pick<Difference, 'stage' | 'operator' | 'kernel' | 'detail'>;

/** One of the baseline, one of the variant. */
export interface Pair<T> {
  readonly expected: T;
  readonly actual: T;
}

export const sides = ['expected', 'actual'] as const;

/** What both give, one after the other. */
export async function both<T>(
  makers: Pair<SampleMaker>,
  action: (maker: SampleMaker, side: keyof Pair<T>) => T | Promise<T>,
): Promise<Pair<T>> {
  return {
    expected: await action(makers.expected, 'expected'),
    actual: await action(makers.actual, 'actual'),
  };
}
