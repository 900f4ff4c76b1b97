import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Substitution } from '../../../../src/core/batch.ts';
import { type BadBudget, BadSampleCount } from '../../../../src/engine/order/substitution.ts';

const bad = (key: string, code = 'NOT_AN_IMAGE', operator?: string): Substitution => ({
  ...{ row: 0, id: 0, key, code, operator, firstBytes: undefined },
  message: `${key}: no image`,
});

/** Adds samples until there are too many; returns how many there were then, and the error. */
function addUntilFull(budget: BadBudget, rows: number, samples: readonly Substitution[], file = 'q.jsonl') {
  const count = new BadSampleCount(budget, rows, file);
  for (const sample of samples) {
    count.add([sample]);
    try {
      count.check();
    } catch (error) {
      return { total: count.total, error: error as Error };
    }
  }
  return undefined;
}

describe('the budget of bad samples', () => {
  it('is of distinct samples: one that is met in every epoch counts once', () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 40 });
    const countsOnce = (some: string[], budget: number) => {
      const distinct = new Set(some).size;
      const full = addUntilFull(
        budget,
        100,
        some.map((key) => bad(key)),
      );
      expect(full?.total).toBe(distinct > budget ? budget + 1 : undefined);
    };
    fc.assert(fc.property(keys, fc.nat(6), countsOnce));
  });

  it('returns the samples that were not met before, in their order', () => {
    const count = new BadSampleCount(9, 100);
    expect(count.add([bad('a'), bad('b'), bad('a')]).map(({ key }) => key)).toEqual(['a', 'b']);
    expect(count.add([bad('c'), bad('b')]).map(({ key }) => key)).toEqual(['c']);
  });

  it.each([
    ['1%', 1000, 10],
    ['5%', 50, 2],
    ['1%', 10, 1],
    ['50%', 3, 1],
    ['0%', 50, 0],
  ] as const)('of %s is a share of the %i rows of an epoch: %i', (budget, rows, allowed) => {
    const samples = Array.from({ length: rows }, (_, i) => bad(`sample ${i}`));
    expect(addUntilFull(budget, rows, samples)?.total).toBe(allowed + 1);
  });

  it('when it is spent, names the top causes with an example each, and the file that lists all', () => {
    const codes = ['A', 'B', 'B', 'C', 'D', 'E', 'F', 'B'];
    const samples = [
      ...codes.map((code, i) => bad(`${i}.jpg`, code)),
      bad('8.jpg', 'A', 'crop'),
      bad('9.jpg', 'A'),
    ];
    expect(addUntilFull(9, 100, samples)?.error.message).toBe(
      [
        'too many bad samples: 10 of 100 (maxBad is 9):',
        '  3 x B, such as 1.jpg: no image',
        '  2 x A, such as 0.jpg: no image',
        '  1 x C, such as 3.jpg: no image',
        '  1 x D, such as 4.jpg: no image',
        '  1 x E, such as 5.jpg: no image',
        '  2 x other causes',
        'all are listed in q.jsonl: millrace quarantine q.jsonl',
      ].join('\n'),
    );
    expect(addUntilFull(0, 100, [bad('8.jpg', 'A', 'crop')])?.error.message).toContain(
      '1 x A (crop), such as 8.jpg: no image',
    );
  });

  it('gives a command that a shell takes, whatever the file is called', () => {
    const full = addUntilFull(0, 9, [bad('8.jpg')], "it's a run/q.jsonl");
    expect(full?.error.message).toMatch(
      /in it's a run\/q.jsonl: millrace quarantine 'it'\\''s a run\/q.jsonl'$/,
    );
  });
});
