import type { Difference } from './difference.ts';
import type { Replayer } from './replayer.ts';

/** What comes out differently, without where. */
export type Finding = Pick<Difference, 'stage' | 'operator' | 'kernel' | 'detail'>;

/** One of the baseline, one of the variant. */
export interface Pair<T> {
  readonly expected: T;
  readonly actual: T;
}

export const sides = ['expected', 'actual'] as const;

/** What both give, one after the other: a replayer's memory is used again. */
export async function both<T>(
  replayers: Pair<Replayer>,
  action: (replayer: Replayer, side: keyof Pair<T>) => T | Promise<T>,
): Promise<Pair<T>> {
  return {
    expected: await action(replayers.expected, 'expected'),
    actual: await action(replayers.actual, 'actual'),
  };
}
