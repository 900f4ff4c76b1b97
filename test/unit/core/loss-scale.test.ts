import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  initialLossScale,
  type LossScaleState,
  lossScaleOf,
  lossScaleTensors,
  nextLossScale,
  rescaledGradients,
} from '../../../src/core/loss-scale.ts';

/** The states after updates, of which '-' overflows. */
function statesAfter(updates: string, growthInterval: number, initial = 128): LossScaleState[] {
  let state = initialLossScale({ initial });
  return [...updates].map((update) => {
    state = nextLossScale(state, update === '-', growthInterval);
    return state;
  });
}
const scalesAfter = (...given: Parameters<typeof statesAfter>) =>
  statesAfter(...given).map(({ scale }) => scale);

describe('a loss scale', () => {
  it('halves with each update that overflows, and counts it', () => {
    expect(statesAfter('+--+-', 100)).toEqual([
      { scale: 128, goodUpdates: 1, skipped: 0, skippedInARow: 0 },
      { scale: 64, goodUpdates: 0, skipped: 1, skippedInARow: 1 },
      { scale: 32, goodUpdates: 0, skipped: 2, skippedInARow: 2 },
      { scale: 32, goodUpdates: 1, skipped: 2, skippedInARow: 0 },
      { scale: 16, goodUpdates: 0, skipped: 3, skippedInARow: 1 },
    ]);
  });

  it('doubles after so many good updates in a row, not after as many with one skipped among them', () => {
    expect(scalesAfter('+++++++', 3)).toEqual([128, 128, 256, 256, 256, 512, 512]);
    expect(scalesAfter('++-+++', 3)).toEqual([128, 128, 64, 64, 64, 128]);
  });

  it('doubles at the next good update where more than its interval are behind it', () => {
    const state = { scale: 64, goodUpdates: 500, skipped: 0, skippedInARow: 0 };
    expect(nextLossScale(state, false, 100)).toEqual({ ...state, scale: 128, goodUpdates: 0 });
  });

  it('never grows with an interval of Infinity, and can still halve', () => {
    expect(scalesAfter(`${'+'.repeat(300)}-`, Number.POSITIVE_INFINITY).slice(-2)).toEqual([128, 64]);
  });

  it('stays where doubling it would make it infinite in float32', () => {
    expect(statesAfter('+', 1, 2 ** 127)).toEqual([
      { scale: 2 ** 127, goodUpdates: 0, skipped: 0, skippedInARow: 0 },
    ]);
  });

  it('is the same wherever its state went through a checkpoint', () => {
    const updates = fc.array(fc.boolean(), { maxLength: 60 });
    fc.assert(
      fc.property(updates, fc.integer({ min: 1, max: 5 }), fc.nat(60), (found, interval, saved) => {
        let [whole, resumed] = [initialLossScale({ initial: 3 }), initialLossScale({ initial: 3 })];
        for (const [i, nonFinite] of found.entries()) {
          if (i === saved) resumed = lossScaleOf(lossScaleTensors(resumed)) as LossScaleState;
          whole = nextLossScale(whole, nonFinite, interval);
          resumed = nextLossScale(resumed, nonFinite, interval);
        }
        expect(resumed).toEqual(whole);
      }),
    );
  });

  it("has the names of PyTorch's state in a checkpoint, each a tensor of one value", () => {
    const tensors = lossScaleTensors({ scale: 64, goodUpdates: 7, skipped: 3, skippedInARow: 1 });
    expect(tensors).toEqual({
      scale: { shape: [1], data: Float32Array.of(64) },
      _growth_tracker: { shape: [1], data: Float32Array.of(7) },
      skipped: { shape: [1], data: Float32Array.of(3) },
      skipped_in_a_row: { shape: [1], data: Float32Array.of(1) },
    });
    const { scale } = tensors;
    const state = { scale: 64, goodUpdates: 0, skipped: 0, skippedInARow: 0 };
    expect(lossScaleOf({ scale: scale as NonNullable<typeof scale> })).toEqual(state);
    expect(lossScaleOf({})).toBe(undefined);
  });
});

describe('gradients that wait', () => {
  const gradients = { w: { shape: [3], data: Float32Array.of(3, -0.1, 2 ** -140) } };
  const scaledBy = (scale: number) => lossScaleTensors(initialLossScale({ initial: scale }));

  it('are divided by the scale of their state, and multiplied by another', () => {
    const values = (scale: number) =>
      rescaledGradients({ weights: {}, optimizer: {}, gradients, lossScale: scaledBy(6) }, scale)['w']?.data;
    expect(values(1)?.[0]).toBe(0.5);
    expect(values(12)?.[0]).toBe(6);
  });

  it('of a state without a scale are those of float32', () => {
    const values = rescaledGradients({ weights: {}, optimizer: {}, gradients }, 128)['w'];
    expect(values).toEqual({ shape: [3], data: gradients.w.data.map((value) => 128 * value) });
  });

  it('keep their bits where the scale is the same', () => {
    const state = { weights: {}, optimizer: {}, gradients, lossScale: scaledBy(100) };
    expect(rescaledGradients(state, 100)).toEqual(gradients);
  });

  it('are none where there are none', () => {
    expect(rescaledGradients({ weights: {}, optimizer: {}, lossScale: scaledBy(8) }, 1)).toEqual({});
  });
});
