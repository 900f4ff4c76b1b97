import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeOptions } from '../../../src/training/complete-options.ts';
import { learningRateAt, type ScheduleOptions, schedules } from '../../../src/training/schedule.ts';

const b0: ScheduleOptions = { schedule: 'cosine', base: 0.08, end: 0, warmup: 16, epochs: 400 };

describe('learningRateAt', () => {
  // what NVIDIA's code gives for EfficientNet-B0, to the digits of the specification
  it.each([
    [0, 0.005],
    [1, 0.01],
    [14, 0.075],
    [15, 0.08],
    [16, 0.08],
    [100, 0.07092],
    [208, 0.04],
    [300, 0.01266],
    [399, 1.34e-6],
  ])('is in epoch %i of the recipe %d', (epoch, expected) => {
    const digits = expected === 1.34e-6 ? 3 : 4;
    expect(Number(learningRateAt(epoch, b0).toPrecision(digits))).toBe(expected);
  });

  it('divides by ten at epochs 30, 60 and 80 with step, whatever the warm-up', () => {
    for (const warmup of [0, 16]) {
      const at = (epoch: number) => learningRateAt(epoch, { ...b0, schedule: 'step', base: 1, warmup });
      const rates = [29, 30, 59, 60, 79, 80, 399].map((epoch) => Math.log10(at(epoch)));
      expect(rates.map(Math.round)).toEqual([0, -1, -1, -2, -2, -3, -3]);
      expect(rates.every((power) => Math.abs(power - Math.round(power)) < 1e-12)).toBe(true);
    }
  });

  it('falls with linear by the same amount each epoch, towards the end', () => {
    const options: ScheduleOptions = { schedule: 'linear', base: 1, end: 0.5, warmup: 2, epochs: 12 };
    const rates = Array.from({ length: 12 }, (_, epoch) => learningRateAt(epoch, options));
    const falling = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55];
    expect(rates).toEqual([0.5, 1, ...falling.map((rate) => expect.closeTo(rate, 12))]);
  });

  it('is that of the warm-up in a training that ends in it', () => {
    for (const schedule of schedules) {
      const options = { ...b0, schedule, warmup: 5 };
      expect(learningRateAt(2, { ...options, epochs: 3 })).toBeCloseTo(0.08 * 0.6, 12);
      expect(learningRateAt(4, { ...options, epochs: 5 })).toBe(0.08);
    }
  });

  it('is the base in the one epoch of a training without warm-up', () => {
    for (const schedule of schedules)
      expect(learningRateAt(0, { ...b0, schedule, warmup: 0, epochs: 1 })).toBe(0.08);
  });

  it('stays between the end and the base after the warm-up, and never rises', () => {
    const options = fc.record({
      schedule: fc.constantFrom(...schedules),
      base: fc.double({ min: 1e-3, max: 1, noNaN: true }),
      end: fc.double({ min: 0, max: 1e-3, noNaN: true }),
      warmup: fc.integer({ min: 0, max: 20 }),
      epochs: fc.integer({ min: 1, max: 120 }),
    });
    fc.assert(
      fc.property(options, (options) => {
        const rates = Array.from({ length: options.epochs }, (_, epoch) => learningRateAt(epoch, options));
        const after = rates.slice(options.warmup);
        const lowest = options.schedule === 'step' ? options.base / 1000 : options.end;
        const isAtMost = (a: number, b: number) => a <= b + 1e-15;
        expect(after.every((rate) => isAtMost(lowest, rate) && isAtMost(rate, options.base))).toBe(true);
        expect(after.every((rate, i) => i === 0 || isAtMost(rate, after[i - 1] as number))).toBe(true);
        expect(rates.every((rate) => rate > 0)).toBe(true);
      }),
    );
  });
});

describe('the warm-up', () => {
  const rateOf = (schedule: Partial<ScheduleOptions>, epoch = 0) =>
    learningRateAt(epoch, completeOptions({ data: 'photos', schedule }).schedule);

  it('makes the first epoch gentler where nobody chose the learning rate', () => {
    expect([rateOf({}), rateOf({}, 1)]).toEqual([0.05, 0.1]);
    expect(rateOf({ epochs: 3 })).toBe(0.05);
  });

  it('is what was asked for, and none where the learning rate was chosen or there are two epochs', () => {
    expect(rateOf({ base: 0.1 })).toBe(0.1);
    expect(rateOf({ warmup: 0 })).toBe(0.1);
    expect(rateOf({ warmup: 5 })).toBe(0.02);
    expect(rateOf({ epochs: 2 })).toBe(0.1);
    expect(rateOf({ base: 0.2, warmup: 4 })).toBe(0.05);
  });
});
