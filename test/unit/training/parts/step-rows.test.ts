import { describe, expect, it } from 'vitest';
import { mixup } from '../../../../operators/batch/mixup.ts';
import { randomResizedCrop } from '../../../../operators/image/random-resized-crop.ts';
import { isPowerOfTwo } from '../../../../src/core/power-of-two.ts';
import { completeOptions } from '../../../../src/training/complete-options.ts';
import { checkMixing, checkParts, rowsOf } from '../../../../src/training/parts/step-rows.ts';
import { localRanks } from '../../../support/local-ranks.ts';

const optionsOf = (parts: number | undefined, ranks: number, batchSize = 6) =>
  completeOptions({ data: 'photos', parts, ranks: localRanks(ranks)[0], stream: { batchSize } });

describe('rows of a step', () => {
  it('are those of its parts, which the ranks share', () => {
    expect(rowsOf(optionsOf(4, 2))).toEqual({ part: 6, rank: 12, step: 24 });
    expect(rowsOf(optionsOf(4, 1))).toEqual({ part: 6, rank: 24, step: 24 });
    expect(rowsOf(completeOptions({ data: 'photos' }))).toEqual({ part: 32, rank: 32, step: 32 });
  });

  it('are of as many parts as there are ranks where nobody says', () => {
    expect(optionsOf(undefined, 4).parts).toBe(4);
    expect(rowsOf(optionsOf(undefined, 4))).toEqual({ part: 6, rank: 6, step: 24 });
  });
});

describe('parts and ranks that do not go together', () => {
  it.each([
    [4, 8, 'this training has 4 parts per step (--parts): start it on 1, 2 or 4 ranks'],
    [2, 3, 'this training has 2 parts per step (--parts): start it on 1 or 2 ranks'],
    [1, 2, '2 ranks: this training has 1 part per step (--parts): start it on 1 rank'],
    [8, 3, '3 ranks: their number must be a power of two: start 1, 2, 4 or 8'],
    [undefined, 6, '6 ranks: their number must be a power of two: start 1, 2 or 4'],
  ])('are refused: %s parts on %s ranks', (parts, ranks, message) => {
    expect(() => checkParts(optionsOf(parts, ranks))).toThrow(message);
  });

  it('are told from those that do', () => {
    for (const [parts, ranks] of [
      [1, 1],
      [4, 1],
      [4, 2],
      [4, 4],
      [undefined, 8],
    ] as const)
      expect(() => checkParts(optionsOf(parts, ranks))).not.toThrow();
    expect([1, 2, 1024].every(isPowerOfTwo)).toBe(true);
    expect([0, 3, 6, -2, 0.5, Number.NaN, '2', undefined].some(isPowerOfTwo)).toBe(false);
  });

  it('do not hide a part that is no number of rows', () => {
    expect(() => checkParts(optionsOf(4, 1, 2.5))).toThrow('batchSize must be an integer >= 1, got 2.5');
  });
});

describe('an operator that blends pairs of rows', () => {
  const steps = [randomResizedCrop(8), mixup(0.2)];

  it('needs parts of an even number of rows, so that any number of ranks may have them', () => {
    expect(() => checkMixing(steps, optionsOf(2, 1, 3))).toThrow(
      'mixup: batchSize (--batch-size) must be even with 2 parts per step (--parts), so that the pairs of rows it blends lie in one part, got 3',
    );
    expect(() => checkMixing(steps, optionsOf(2, 1, 4))).not.toThrow();
    expect(() => checkMixing(steps, optionsOf(1, 1, 3))).not.toThrow();
    expect(() => checkMixing(steps.slice(0, 1), optionsOf(2, 1, 3))).not.toThrow();
  });
});
