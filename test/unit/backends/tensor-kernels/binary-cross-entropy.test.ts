import { describe, expect, it } from 'vitest';
import { binaryCrossEntropy } from '../../../../backends/tensor-kernels/binary-cross-entropy/binary-cross-entropy.ts';
import { derivativesOf, distanceOf, randomFloats } from '../../../support/finite-differences.ts';

const [rows, classes, c4] = [3, 6, 2];

const operandsOf = (logits: Float64Array) => ({
  logits,
  targets: Float64Array.from({ length: rows * 4 * c4 }, (_, i) => [1, 0, 0.7, 0.05][i % 4] as number),
  state: Float64Array.of(1),
  losses: new Float64Array(rows),
  gradient: new Float64Array(rows * 4 * c4).fill(9),
});

const settings = { rows, classes, c4, lossFactor: 1 };

describe('binary cross-entropy', () => {
  it('is the mean over classes of -t log(p) - (1 - t) log(1 - p)', () => {
    const operands = operandsOf(randomFloats(rows * 4 * c4, 1));
    binaryCrossEntropy.reference(operands, settings);
    const { logits, targets, losses } = operands;
    for (const [row, loss] of losses.entries()) {
      let expected = 0;
      for (let c = 0; c < classes; c++) {
        const [x, t] = [logits[row * 8 + c] as number, targets[row * 8 + c] as number];
        const p = 1 / (1 + Math.exp(-x));
        expected -= (t * Math.log(p) + (1 - t) * Math.log(1 - p)) / classes;
      }
      expect(loss).toBeCloseTo(expected, 12);
    }
  });

  it('gives the gradient of the mean loss, scaled, and none to padding', () => {
    const logits = randomFloats(rows * 4 * c4, 2);
    const compute = () => {
      const operands = { ...operandsOf(logits), state: Float64Array.of(128) };
      binaryCrossEntropy.reference(operands, { ...settings, lossFactor: 0.5 });
      return operands;
    };
    const mean = () => (compute().losses.reduce((sum, loss) => sum + loss, 0) / rows) * 64;
    const { gradient } = compute();
    expect(distanceOf(gradient, derivativesOf(mean, logits))).toBeLessThan(1e-7);
    expect([...gradient.subarray(6, 8)]).toEqual([0, 0]);
  });

  it('stays finite for logits that no exponential holds', () => {
    const logits = new Float64Array(rows * 4 * c4).map((_, i) => (i % 8 === 1 ? 6000 : -6000));
    const operands = operandsOf(logits);
    binaryCrossEntropy.reference(operands, settings);
    // a class of target 1 at -6000, one of 0 at 6000, and the shares of the others
    for (const loss of operands.losses) expect(loss).toBeCloseTo(1000 * (1 + 1 + 0.7 + 0.05 + 1 + 0), 9);
  });
});
