import { describe, expect, it } from 'vitest';
import { expectSummary, float64, summarize } from '../support/tensor-summary.ts';

const values = Float64Array.of(3, -1, 4, 1.5, -9.25);

describe('the summary of a tensor', () => {
  it('is its norm and its product with cosines', () => {
    expect(summarize(Float32Array.of(3, 4))).toEqual([5, 3 + 4 * Math.cos(1)]);
  });

  it('keeps the digits of float64', () => {
    const [norm, projection] = summarize(Float64Array.of(1 / 3, 0));
    expect([norm, projection]).toEqual([1 / 3, 1 / 3]);
  });

  it.each([
    [1e-11, true],
    [1e-7, false],
  ])('of a tensor that is off by %f of its norm is within the bar of float64: %s', (error, within) => {
    const compare = () =>
      expectSummary(
        summarize(values.map((value) => value * (1 + error))),
        summarize(values),
        'values',
        float64,
      );
    if (within) compare();
    else expect(compare).toThrow('norm of values');
  });

  it('has the bar of float32 where none is given', () => {
    const off = (error: number) => () =>
      expectSummary(summarize(values.map((value) => value * (1 + error))), summarize(values), 'values');
    off(1e-7)();
    expect(off(1e-3)).toThrow('norm of values');
  });

  it('tells a tensor whose values are swapped', () => {
    const swapped = summarize(Float64Array.from(values).reverse());
    expect(() => expectSummary(swapped, summarize(values), 'values', float64)).toThrow(
      'projection of values',
    );
  });
});
