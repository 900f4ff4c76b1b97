import { describe, expect, it } from 'vitest';
import { finiteCheck } from '../../../../backends/tensor-kernels/finite-check/finite-check.ts';
import { lossScale } from '../../../../backends/tensor-kernels/loss-scale/loss-scale.ts';
import { lossScaleState } from '../../../../backends/tensor-kernels/loss-scale/state.ts';

/** States after updates, of which `bad` ones had gradients that are not finite. */
function statesAfter(bad: readonly boolean[], growthInterval: number, scale: number): number[][] {
  const state = Float64Array.of(scale, 0, 0, 0, 0);
  return bad.map((isBad) => {
    const flag = Float64Array.of(isBad ? 1 : 0);
    lossScale.reference({ flag, state }, { growthInterval });
    expect(flag[0]).toBe(0);
    return [...state];
  });
}

const [good, bad] = [false, true];

describe('loss-scale', () => {
  it('halves on a bad update and doubles after enough good ones in a row', () => {
    expect(statesAfter([good, bad, bad, good, good, good], 2, 128)).toEqual([
      [128, 1, 0, 0, 0],
      [64, 0, 1, 1, 1],
      [32, 0, 2, 2, 1],
      [32, 1, 2, 0, 0],
      [64, 0, 2, 0, 0],
      [64, 1, 2, 0, 0],
    ]);
  });

  it('never doubles where the interval is infinite, but halves', () => {
    const states = statesAfter([...Array(50).fill(good), bad], Number.POSITIVE_INFINITY, 128);
    expect(states[49]).toEqual([128, 50, 0, 0, 0]);
    expect(states[50]).toEqual([64, 0, 1, 1, 1]);
  });

  it('doubles at the next good update where more than its interval are behind it', () => {
    const state = Float64Array.of(64, 500, 0, 0, 0);
    lossScale.reference({ flag: new Float64Array(1), state }, { growthInterval: 100 });
    expect([...state]).toEqual([128, 0, 0, 0, 0]);
  });

  it('does not double beyond float32', () => {
    const scales = (scale: number) => statesAfter([good], 1, scale)[0]?.[lossScaleState.scale];
    expect(scales(2 ** 126)).toBe(2 ** 127);
    expect(scales(2 ** 127)).toBe(2 ** 127);
  });
});

describe('finite-check', () => {
  const flagOf = (values: number[], before = 0): number | undefined => {
    const flag = Float64Array.of(before);
    finiteCheck.reference({ gradients: Float64Array.from(values), flag }, { size4: values.length / 4 });
    return flag[0];
  };

  it('finds what is infinite or not a number, and nothing else', () => {
    expect(flagOf([0, -1, 3e38, 1e-45])).toBe(0);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(flagOf([0, 0, 0, 0, 0, value, 0, 0])).toBe(1);
  });

  it('leaves a set flag set', () => {
    expect(flagOf([0, 0, 0, 0], 1)).toBe(1);
  });
});
