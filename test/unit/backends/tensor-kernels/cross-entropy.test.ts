import { describe, expect, it } from 'vitest';
import { biasGradient } from '../../../../backends/tensor-kernels/bias-gradient/bias-gradient.ts';
import { crossEntropy } from '../../../../backends/tensor-kernels/cross-entropy/cross-entropy.ts';
import { derivativesOf, distanceOf, randomFloats } from '../../../support/finite-differences.ts';

const [rows, classes, c4] = [3, 6, 2];

const operandsOf = (logits: Float64Array) => ({
  logits,
  labels: Float64Array.of(0, 5, 2),
  partners: Float64Array.of(1, 5, 4),
  shares: Float64Array.of(1, 0.25, 0.7),
  state: Float64Array.of(1),
  losses: new Float64Array(rows),
  gradient: new Float64Array(rows * 4 * c4).fill(9),
});

const settings = { rows, classes, c4, smoothing: 0, lossFactor: 1 };

describe('cross-entropy', () => {
  it('is the logarithm of the number of classes where all are alike', () => {
    const operands = operandsOf(new Float64Array(rows * 4 * c4).fill(3));
    crossEntropy.reference(operands, settings);
    for (const loss of operands.losses) expect(loss).toBeCloseTo(Math.log(classes), 12);
  });

  it('is less the logarithm of the probability of the target, by its shares', () => {
    const operands = operandsOf(
      Float64Array.from({ length: rows * 4 * c4 }, (_, i) => Math.log(1 + (i % 8))),
    );
    crossEntropy.reference(operands, settings);
    // probabilities are 1, 2 ... 6 of 21
    expect(operands.losses[0]).toBeCloseTo(-Math.log(1 / 21), 12);
    expect(operands.losses[1]).toBeCloseTo(-Math.log(6 / 21), 12);
    expect(operands.losses[2]).toBeCloseTo(-0.7 * Math.log(3 / 21) - 0.3 * Math.log(5 / 21), 12);
  });

  it('spreads what is smoothed over all classes', () => {
    const operands = operandsOf(randomFloats(rows * 4 * c4, 1));
    const lossesAt = (smoothing: number) => {
      crossEntropy.reference(operands, { ...settings, smoothing });
      return operands.losses.slice();
    };
    const [hard, uniform] = [lossesAt(0), lossesAt(1)];
    const mixed = hard.map((loss, i) => 0.9 * loss + 0.1 * (uniform[i] as number));
    expect(distanceOf(lossesAt(0.1), mixed)).toBeLessThan(1e-12);
  });

  it('gives the gradient of the mean loss, scaled, and none to padding', () => {
    const logits = randomFloats(rows * 4 * c4, 2);
    const compute = () => {
      const operands = { ...operandsOf(logits), state: Float64Array.of(128) };
      crossEntropy.reference(operands, { ...settings, smoothing: 0.1, lossFactor: 0.5 });
      return operands;
    };
    const mean = () => (compute().losses.reduce((sum, loss) => sum + loss, 0) / rows) * 64;
    const { gradient } = compute();
    expect(distanceOf(gradient, derivativesOf(mean, logits))).toBeLessThan(1e-7);
    expect([...gradient.subarray(6, 8)]).toEqual([0, 0]);
  });

  it('stays finite for logits that no exponential holds', () => {
    const operands = operandsOf(new Float64Array(rows * 4 * c4).map((_, i) => (i % 8) * 1000));
    crossEntropy.reference(operands, settings);
    expect([...operands.losses]).toEqual([5000, 0, 2400]);
  });
});

describe('bias-gradient', () => {
  it('adds the sum over rows', () => {
    const operands = {
      g: Float64Array.of(1, 2, 3, 4, 10, 20, 30, 40),
      gradient: Float64Array.of(100, 0, 0, 0),
    };
    biasGradient.reference(operands, { rows: 2, c4: 1 });
    expect([...operands.gradient]).toEqual([111, 22, 33, 44]);
  });
});
