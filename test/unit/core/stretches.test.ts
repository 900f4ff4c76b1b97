import { describe, expect, it } from 'vitest';
import { addStretch, type Stretch, stretchesBetween } from '../../../src/core/stretches.ts';

describe('stretches', () => {
  it('leave what lies before, between and behind them', () => {
    expect(stretchesBetween([], 9)).toEqual([[0, 9]]);
    expect(
      stretchesBetween(
        [
          [6, 8],
          [1, 3],
          [3, 5],
        ],
        9,
      ),
    ).toEqual([
      [0, 1],
      [5, 6],
      [8, 9],
    ]);
    expect(stretchesBetween([[0, 9]], 9)).toEqual([]);
  });

  it('are known once, so that no value is added twice, and lie within the vector', () => {
    const known: Stretch[] = [];
    for (const stretch of [
      [4, 6],
      [5, 7],
      [2, 4],
      [8, 10],
      [3, 3],
      [-1, 1],
      [6, 9],
    ] as Stretch[])
      addStretch(known, stretch, 9);
    expect(known).toEqual([
      [4, 6],
      [2, 4],
      [6, 9],
    ]);
  });
});
