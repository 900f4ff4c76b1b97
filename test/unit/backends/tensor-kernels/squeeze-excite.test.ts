import { describe, expect, it } from 'vitest';
import { squeezeExcite } from '../../../../backends/tensor-kernels/squeeze-excite/squeeze-excite.ts';
import { squeezeExciteFilterGradient } from '../../../../backends/tensor-kernels/squeeze-excite-filter-gradient/squeeze-excite-filter-gradient.ts';
import { squeezeExciteGradient } from '../../../../backends/tensor-kernels/squeeze-excite-gradient/squeeze-excite-gradient.ts';
import { derivativesOf, distanceOf, dot, randomFloats } from '../../../support/finite-differences.ts';

const [samples, channels, squeezed] = [3, 4, 2];
const numbers = { samples, channels, squeezed };

const mean = randomFloats(samples * channels, 1);
const weights = {
  squeezeWeight: randomFloats(squeezed * channels, 2),
  squeezeBias: randomFloats(squeezed, 3),
  exciteWeight: randomFloats(channels * squeezed, 4),
  exciteBias: randomFloats(channels, 5),
};

function forward() {
  const hidden = new Float64Array(samples * squeezed);
  const factors = new Float64Array(samples * channels);
  squeezeExcite.reference({ mean, ...weights, hidden, factors }, numbers);
  return { hidden, factors };
}

/** The gradients where that of the factors is this. */
const factorGradient = randomFloats(samples * channels, 6);
const compute = () => dot(factorGradient, forward().factors);

function backward() {
  const gradients = {
    exciteGradient: new Float64Array(samples * channels),
    squeezeGradient: new Float64Array(samples * squeezed),
    meanGradient: new Float64Array(samples * channels),
  };
  squeezeExciteGradient.reference({ factorGradient, ...forward(), ...weights, ...gradients }, numbers);
  return gradients;
}

describe('squeeze-excite', () => {
  it('keeps channels by half where all weights are 0', () => {
    const none = {
      squeezeWeight: new Float64Array(2),
      squeezeBias: new Float64Array(1),
      exciteWeight: new Float64Array(2),
      exciteBias: new Float64Array(2),
    };
    const [hidden, factors] = [new Float64Array(1), new Float64Array(2)];
    const size = { samples: 1, channels: 2, squeezed: 1 };
    squeezeExcite.reference({ mean: Float64Array.of(3, 4), ...none, hidden, factors }, size);
    expect([...factors]).toEqual([0.5, 0.5]);
  });

  it('squeezes before the activation and excites after it', () => {
    const [hidden, factors] = [new Float64Array(1), new Float64Array(2)];
    const operands = {
      mean: Float64Array.of(3, 4),
      squeezeWeight: Float64Array.of(1, -1),
      squeezeBias: Float64Array.of(3),
      exciteWeight: Float64Array.of(1, 2),
      exciteBias: Float64Array.of(0, -1),
    };
    squeezeExcite.reference({ ...operands, hidden, factors }, { samples: 1, channels: 2, squeezed: 1 });
    expect(hidden[0]).toBe(2);
    const activated = 2 / (1 + Math.exp(-2));
    expect(factors[0]).toBeCloseTo(1 / (1 + Math.exp(-activated)), 12);
    expect(factors[1]).toBeCloseTo(1 / (1 + Math.exp(1 - 2 * activated)), 12);
  });
});

describe('squeeze-excite-gradient', () => {
  it("gives the means' gradient of finite differences", () => {
    expect(distanceOf(backward().meanGradient, derivativesOf(compute, mean))).toBeLessThan(1e-8);
  });
});

describe('squeeze-excite-filter-gradient', () => {
  it('adds the gradients of finite differences to what is there', () => {
    const before = 7;
    const gradients = Object.fromEntries(
      Object.entries(weights).map(([name, { length }]) => [
        `${name}Gradient`,
        new Float64Array(length).fill(before),
      ]),
    );
    squeezeExciteFilterGradient.reference({ ...backward(), ...forward(), mean, ...gradients }, numbers);
    for (const [name, values] of Object.entries(weights)) {
      const expected = derivativesOf(compute, values).map((value) => value + before);
      expect(distanceOf(gradients[`${name}Gradient`] as Float64Array, expected), name).toBeLessThan(1e-8);
    }
  });
});
