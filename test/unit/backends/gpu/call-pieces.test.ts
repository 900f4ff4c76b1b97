import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf } from '../../../../backends/gpu/tensors/call-pieces.ts';

const count = fc.integer({ min: 1, max: 500 });

describe('pieces of a phase', () => {
  it('have every call once, in order, and are of one size but for the last', () => {
    fc.assert(
      fc.property(count, fc.integer({ min: 1, max: 40 }), (calls, parts) => {
        const pieces = piecesOf(calls, parts);
        const made = pieces.flatMap(({ first, end }) =>
          Array.from({ length: end - first }, (_, i) => first + i),
        );
        expect(made).toEqual(Array.from({ length: calls }, (_, i) => i));
        expect(pieces.length).toBeLessThanOrEqual(parts);
        const sizes = pieces.slice(0, -1).map(({ first, end }) => end - first);
        expect(new Set(sizes).size).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('end where something is to be read as well', () => {
    expect(piecesOf(10, 2, [3, 5, 10])).toEqual([
      { first: 0, end: 3 },
      { first: 3, end: 5 },
      { first: 5, end: 10 },
    ]);
  });

  it('are one where a phase only clears or copies', () => {
    expect(piecesOf(0, 4)).toEqual([{ first: 0, end: 0 }]);
  });
});
