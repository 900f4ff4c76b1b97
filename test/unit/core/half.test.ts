import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../../src/core/half.ts';

const isNotANumber = (half: number): boolean => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
const finite = Array.from({ length: 0x7c00 }, (_, half) => half);

describe('half', () => {
  it('has known bits for known numbers', () => {
    const known: [number, number][] = [
      [0, 0],
      [-0, 0x8000],
      [1, 0x3c00],
      [-2, 0xc000],
      [65504, 0x7bff],
      [1365 / 4096, 0x3555],
      [2 ** -14, 0x0400],
      [2 ** -24, 0x0001],
      [Number.POSITIVE_INFINITY, 0x7c00],
      [Number.NaN, 0x7e00],
    ];
    expect(known.map(([value]) => toHalf(value))).toEqual(known.map(([, half]) => half));
    expect(known.map(([, half]) => fromHalf(half))).toEqual(known.map(([value]) => value));
  });

  it('gives each of the 65,536 halves back', () => {
    const wrong = [];
    for (let half = 0; half < 65_536; half++) {
      const expected = isNotANumber(half) ? 0x7e00 : half;
      if (toHalf(fromHalf(half)) !== expected) wrong.push(half);
    }
    expect(wrong).toEqual([]);
  });

  it('decodes halves in rising order, the first 31,744 of which are finite', () => {
    const values = finite.map(fromHalf);
    expect(values.every((value, i) => i === 0 || value > (values[i - 1] as number))).toBe(true);
    expect(values.at(-1)).toBe(65_504);
  });

  it('rounds the middle of two neighbours to the even one and everything else to the nearer, both signs', () => {
    const wrong = [];
    for (const half of finite) {
      const low = fromHalf(half);
      const high = half === 0x7bff ? 65_536 : fromHalf(half + 1);
      const middle = (low + high) / 2;
      const nudge = (high - low) * 2 ** -30;
      const even = half % 2 === 0 ? half : half + 1;
      for (const [value, expected] of [
        [middle, even],
        [middle - nudge, half],
        [middle + nudge, half + 1],
      ] as const) {
        if (toHalf(value) !== expected || toHalf(-value) !== (expected | 0x8000)) wrong.push(value);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('rounds any float64 to a half that no neighbour is nearer than', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 65_519, noNaN: true }), (value) => {
        const half = toHalf(value);
        const distance = Math.abs(fromHalf(half) - value);
        if (half > 0) expect(distance).toBeLessThanOrEqual(Math.abs(fromHalf(half - 1) - value));
        if (half < 0x7bff) expect(distance).toBeLessThanOrEqual(Math.abs(fromHalf(half + 1) - value));
      }),
      { numRuns: 2000 },
    );
  });
});
