import { expect, it } from 'vitest';
import { colorJitter, randomInvert } from '../../../operators/registry.ts';
import { randomFor } from '../../../src/core/random.ts';

const SAMPLES = 2400;
const size = { width: 4, height: 3 };
const jitter = colorJitter.definition;
const strengths = { brightness: 0.4, contrast: 1.5, saturation: 0.2, hue: 0.1 };

const drawn = (parameters: typeof strengths) =>
  Array.from({ length: SAMPLES }, (_, sample) =>
    jitter.draw?.(parameters, randomFor(1, 0, sample, 0), size, 0),
  ).map((values) => values?.adjustments ?? []);

it('colorJitter draws factors within what its parameters allow, and all of it', () => {
  const ranges = { brightness: [0.6, 1.4], contrast: [0, 2.5], color: [0.8, 1.2], hue: [-0.1, 0.1] } as const;
  const all = drawn(strengths).flat();
  for (const [operator, [low, high]] of Object.entries(ranges)) {
    const factors = all.filter((adjustment) => adjustment.operator === operator).map(({ factor }) => factor);
    expect(factors.length).toBe(SAMPLES);
    const margin = (high - low) / 100;
    expect([operator, Math.min(...factors) >= low, Math.max(...factors) <= high]).toEqual([
      operator,
      true,
      true,
    ]);
    expect(Math.min(...factors)).toBeLessThan(low + margin);
    expect(Math.max(...factors)).toBeGreaterThan(high - margin);
  }
});

it('colorJitter draws each of the 24 orders about as often', () => {
  const counts = new Map<string, number>();
  for (const adjustments of drawn(strengths)) {
    const order = adjustments.map(({ operator }) => operator).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  // 100 are expected, with a standard deviation of 10
  for (const [order, count] of counts) expect(Math.abs(count - 100), order).toBeLessThan(50);
});

it('colorJitter leaves out what has no strength, and draws the others as before', () => {
  const [whole, part] = [drawn(strengths), drawn({ ...strengths, contrast: 0, hue: 0 })];
  for (const [i, adjustments] of part.entries())
    expect(adjustments).toEqual(
      whole[i]?.filter(({ operator }) => operator === 'brightness' || operator === 'color'),
    );
  expect(jitter.describe?.({ adjustments: [] })).toEqual(['no jitter']);
});

it('colorJitter shows its parts in the order drawn, each with the calls that the whole makes for it', () => {
  const [adjustments = []] = drawn(strengths);
  const parts = jitter.parts?.({ adjustments }) ?? [];
  expect(parts.map(({ operator }) => operator.name)).toEqual(adjustments.map(({ operator }) => operator));
  expect(parts.flatMap(({ drawn }) => jitter.lower(drawn, size))).toEqual(
    jitter.lower({ adjustments }, size),
  );
});

it('an operator at random is applied as often as its probability says, and its caption says whether it was', () => {
  const { draw, describe } = randomInvert.definition;
  const draws = Array.from({ length: SAMPLES }, (_, sample) =>
    draw?.({ probability: 0.3 }, randomFor(1, 0, sample, 0), size, 0),
  );
  const applied = draws.filter((values) => values?.isApplied);
  // the standard deviation is 22
  expect(Math.abs(applied.length - 0.3 * SAMPLES)).toBeLessThan(100);
  expect(describe?.({ isApplied: true })).toEqual(['invert']);
  expect(describe?.({ isApplied: false })).toEqual(['invert not applied']);
});
