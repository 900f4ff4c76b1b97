import { describe, expect, it } from 'vitest';
import { crossEntropy } from '../../../../backends/tensor-kernels/cross-entropy/cross-entropy.ts';
import { weightedCrossEntropy } from '../../../../backends/tensor-kernels/weighted-cross-entropy/weighted-cross-entropy.ts';
import { derivativesOf, distanceOf, randomFloats } from '../../../support/finite-differences.ts';

const [rows, classes, c4] = [3, 6, 2];

const operandsOf = (logits: Float64Array) => ({
  logits,
  targets: Float64Array.from({ length: rows * 4 * c4 }, (_, i) => [2, 0, 0.7, 0.05][i % 4] as number),
  state: Float64Array.of(1),
  losses: new Float64Array(rows),
  gradient: new Float64Array(rows * 4 * c4).fill(9),
});

const settings = { rows, classes, c4, lossFactor: 1 };

describe('weighted cross-entropy', () => {
  it('is the cross-entropy where a row’s targets sum to 1', () => {
    const operands = operandsOf(randomFloats(rows * 4 * c4, 1));
    const labels = Float64Array.of(0, 5, 2);
    operands.targets.fill(0);
    for (const [row, label] of labels.entries()) operands.targets[row * 8 + label] = 1;
    weightedCrossEntropy.reference(operands, settings);
    const plain = { ...operandsOf(operands.logits), labels, partners: labels, shares: labels.map(() => 1) };
    crossEntropy.reference(plain, { ...settings, smoothing: 0 });
    expect(distanceOf(operands.losses, plain.losses)).toBeLessThan(1e-12);
    expect(distanceOf(operands.gradient, plain.gradient)).toBeLessThan(1e-12);
  });

  it('gives the gradient of the mean loss, scaled, and none to padding', () => {
    const logits = randomFloats(rows * 4 * c4, 2);
    const compute = () => {
      const operands = { ...operandsOf(logits), state: Float64Array.of(128) };
      weightedCrossEntropy.reference(operands, { ...settings, lossFactor: 0.5 });
      return operands;
    };
    const mean = () => (compute().losses.reduce((sum, loss) => sum + loss, 0) / rows) * 64;
    const { gradient } = compute();
    expect(distanceOf(gradient, derivativesOf(mean, logits))).toBeLessThan(1e-7);
    expect([...gradient.subarray(6, 8)]).toEqual([0, 0]);
  });

  it('stays finite for logits that no exponential holds', () => {
    const operands = operandsOf(new Float64Array(rows * 4 * c4).map((_, i) => (i % 8) * 1000));
    weightedCrossEntropy.reference(operands, settings);
    // classes 0, 2, 3 and 4 are 5000, 3000, 2000 and 1000 below the largest
    for (const loss of operands.losses)
      expect(loss).toBeCloseTo(2 * 5000 + 0.7 * 3000 + 0.05 * 2000 + 2 * 1000, 6);
  });
});
