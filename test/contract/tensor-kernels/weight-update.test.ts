import fc from 'fast-check';
import { describe } from 'vitest';
import { copyWeights } from '../../../backends/tensor-kernels/copy-weights/copy-weights.ts';
import { movingAverage } from '../../../backends/tensor-kernels/moving-average/moving-average.ts';
import { rmsprop } from '../../../backends/tensor-kernels/rmsprop/rmsprop.ts';
import { sgd } from '../../../backends/tensor-kernels/sgd/sgd.ts';
import { callOf, floats, positive, tensor } from '../../support/kernel-calls.ts';
import { itAsReferenceInAnyShape } from '../../support/tensor-shapes.ts';
import { itAsReference } from '../../support/tensor-tests.ts';

// more than one workgroup, the last not full
const size4 = 275;
const size = 4 * size4;

const settings = {
  size4,
  decayed4: 100,
  weightDecay: 0.25,
  momentum: 0.9,
  learningRate: 'learningRate',
} as const;

const operands = () => floats({ weights: size, gradients: size, velocity: size });

const scaled = (flag: number) => ({
  copy: tensor('copy', 'store', size),
  flag: tensor('flag', 'u32', 1, () => flag),
  state: tensor('state', 'f32', 5, () => 4),
});

describe('sgd', () => {
  itAsReference('updates weights', () => callOf(sgd, operands(), { ...settings, nesterov: 0 }));
  itAsReference('looks ahead, unscales and copies', () =>
    callOf(sgd, { ...operands(), ...scaled(0) }, { ...settings, nesterov: 1 }),
  );
  itAsReferenceInAnyShape(
    // up to more than one tile of a CPU
    { size4: fc.integer({ min: 1, max: 9000 }), decayed: fc.double({ min: 0, max: 1, noNaN: true }) },
    ({ size4, decayed }) => {
      const sized = floats({ weights: 4 * size4, gradients: 4 * size4, velocity: 4 * size4 });
      return callOf(sgd, sized, {
        ...settings,
        ...{ size4, decayed4: Math.round(decayed * size4), nesterov: 0 },
      });
    },
  );
  itAsReference('skips', () => callOf(sgd, { ...operands(), ...scaled(1) }, { ...settings, nesterov: 0 }));
});

describe('rmsprop', () => {
  const more = { ...settings, alpha: 0.75, epsilon: 0.001 };
  const square = () => ({ square: tensor('square', 'f32', size, positive) });

  itAsReference('updates weights', () => callOf(rmsprop, { ...operands(), ...square() }, more));
  itAsReference('unscales and copies', () =>
    callOf(rmsprop, { ...operands(), ...square(), ...scaled(0) }, more),
  );
  itAsReference('leaves weights as they are whose gradients were all 0, without an epsilon as well', () => {
    const gradients = tensor('gradients', 'f32', size, (i) => i % 3);
    const values = { ...operands(), gradients, square: tensor('square', 'f32', size, () => 0) };
    return callOf(rmsprop, values, { ...more, decayed4: 0, epsilon: 0 });
  });
  itAsReference('skips', () => callOf(rmsprop, { ...operands(), ...square(), ...scaled(1) }, more));
});

describe('moving-average', () => {
  itAsReference('keeps its share', () =>
    callOf(movingAverage, floats({ average: size, values: size }), { size4, averageDecay: 'averageDecay' }),
  );
});

describe('copy-weights', () => {
  itAsReference('copies', () =>
    callOf(copyWeights, { ...floats({ weights: size }), copy: tensor('copy', 'store', size) }, { size4 }),
  );
});
