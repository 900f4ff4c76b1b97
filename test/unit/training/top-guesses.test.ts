import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topGuesses } from '../../../src/training/top-guesses.ts';

describe('topGuesses', () => {
  it('puts the most probable class first, and of equals the lower number', () => {
    const guesses = topGuesses(
      Float32Array.of(0, Math.log(3), 0, Math.log(5)),
      { names: ['a', 'b', 'c', 'd'] },
      3,
    );
    expect(guesses.map(({ class: number, name }) => [number, name])).toEqual([
      [3, 'd'],
      [1, 'b'],
      [0, 'a'],
    ]);
    expect(guesses.map(({ probability }) => probability)).toEqual([
      expect.closeTo(0.5, 6),
      expect.closeTo(0.3, 6),
      expect.closeTo(0.1, 6),
    ]);
  });

  it('gives each class a probability of its own where images may have several', () => {
    const names = ['a', 'b', 'c'];
    const guesses = topGuesses(Float32Array.of(0, Math.log(3), -1000), { names, isMultiLabel: true });
    expect(guesses.map(({ name }) => name)).toEqual(['b', 'a', 'c']);
    expect(guesses.map(({ probability }) => probability)).toEqual([expect.closeTo(0.75, 6), 0.5, 0]);
  });

  it('gives probabilities that sum to one however large the logits are', () => {
    const logits = fc.float32Array({ minLength: 1, maxLength: 9, noNaN: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(logits, (values) => {
        const guesses = topGuesses(values, { names: [...values].map(String) }, values.length);
        expect(guesses.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
        const inOrder = guesses.map(({ name }) => Number(name));
        expect(inOrder).toEqual([...inOrder].sort((a, b) => b - a));
      }),
    );
  });
});
