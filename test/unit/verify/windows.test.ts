import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBefore, positionsIn, windowsOf } from '../../../src/verify/windows.ts';

const count = fc.integer({ min: 1, max: 12 });

describe('the part of the stream that is compared', () => {
  it('is two whole epochs where they are short', () => {
    const [window, ...more] = windowsOf(3, 3);
    expect(more).toEqual([]);
    expect(positionsIn(window as NonNullable<typeof window>, 3)).toEqual(
      [0, 1].flatMap((epoch) => [0, 1, 2].map((batch) => ({ epoch, batch }))),
    );
  });

  it("is of long ones the beginning and what lies around the first epoch's end", () => {
    const windows = windowsOf(100, 4).map((window) => positionsIn(window, 100));
    expect(windows).toEqual([
      [0, 1, 2, 3].map((batch) => ({ epoch: 0, batch })),
      [
        { epoch: 0, batch: 98 },
        { epoch: 0, batch: 99 },
        { epoch: 1, batch: 0 },
        { epoch: 1, batch: 1 },
      ],
    ]);
  });

  it('has batches that there are, in order, and an end of an epoch among them', () => {
    fc.assert(
      fc.property(count, count, (batchesPerEpoch, limit) => {
        const windows = windowsOf(batchesPerEpoch, limit).map((window) =>
          positionsIn(window, batchesPerEpoch),
        );
        for (const positions of windows) {
          expect(positions.length).toBeGreaterThan(0);
          for (const [i, { epoch, batch }] of positions.entries()) {
            expect(epoch).toBeLessThan(2);
            expect(batch).toBeLessThan(batchesPerEpoch);
            const next = positions[i + 1];
            if (next !== undefined) expect(isBefore({ epoch, batch }, next)).toBe(true);
          }
        }
        const ends = windows.map((positions) => new Set(positions.map(({ epoch }) => epoch)).size);
        expect(ends).toContain(2);
      }),
    );
  });
});
