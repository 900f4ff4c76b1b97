import fc from 'fast-check';
import { expect, it } from 'vitest';
import { integerOf, isWithin, quantized, rangeOf } from '../../../backends/tensor-kernels/range.ts';

const float = fc.float({
  noNaN: true,
  noDefaultInfinity: true,
  min: Math.fround(-1e6),
  max: Math.fround(1e6),
});
const largest = fc.float({ noNaN: true, min: Math.fround(1e-6), max: Math.fround(1e6) });
const levels = fc.constantFrom(127, 7);

it('rounds a rounded value to itself', () => {
  fc.assert(
    fc.property(float, largest, levels, (x, most, steps) => {
      const range = rangeOf(most, steps);
      expect(quantized(quantized(x, range), range)).toBe(quantized(x, range));
    }),
  );
});

it('gives each integer of the range back, and lets its gradient pass', () => {
  fc.assert(
    fc.property(largest, levels, fc.integer({ min: -127, max: 127 }), (most, steps, any) => {
      const integer = any % (steps + 1);
      const range = rangeOf(most, steps);
      const x = Math.fround(integer * range[0]);
      expect(integerOf(x, range)).toBeCloseTo(integer, 20);
      expect(isWithin(x, range)).toBe(true);
    }),
  );
});

it('scales with its range, by powers of 2 exactly', () => {
  fc.assert(
    fc.property(float, largest, levels, fc.integer({ min: -8, max: 8 }), (x, most, steps, power) => {
      const factor = 2 ** power;
      expect(quantized(x * factor, rangeOf(most * factor, steps))).toBe(
        quantized(x, rangeOf(most, steps)) * factor,
      );
    }),
  );
});

it('is off by half a step at most within the range, and holds what is beyond at its end', () => {
  fc.assert(
    fc.property(float, largest, levels, (x, most, steps) => {
      const range = rangeOf(most, steps);
      const [scale] = range;
      const value = quantized(x, range);
      if (Math.abs(x) <= most) expect(Math.abs(value - x)).toBeLessThanOrEqual(scale * 0.5001);
      else expect(Math.abs(value)).toBe(Math.fround(steps * scale));
    }),
  );
});

it('lets no gradient pass where rounding meets the limit', () => {
  fc.assert(
    fc.property(float, largest, levels, (x, most, steps) => {
      const isFar = Math.abs(x) > (most * (steps + 0.6)) / steps;
      const isNear = Math.abs(x) < (most * (steps + 0.4)) / steps;
      if (isFar || isNear) expect(isWithin(x, rangeOf(most, steps))).toBe(isNear);
    }),
  );
});

it('rounds halves to even', () => {
  const range = rangeOf(127, 127);
  const halves = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5, 127.5];
  expect(halves.map((x) => integerOf(x, range) + 0)).toEqual([0, 2, 2, 0, -2, -2, 126, 127]);
});
