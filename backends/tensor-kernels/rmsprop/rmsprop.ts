import { at } from '../at.ts';
import { linearGroups } from '../kernel-form.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import {
  gradientOf,
  isSkipped,
  subtract,
  tilesOfUpdate,
  updateOperands,
  updateParameters,
} from '../weight-update.ts';
import { rmspropWgsl } from './rmsprop.wgsl.ts';

/**
 * RMSprop as PyTorch's: square = alpha square + (1 - alpha) gradient^2, velocity = momentum velocity +
 * gradient / (sqrt(square) + epsilon); the weights lose learningRate velocity. Where all gradients were 0 and epsilon is, 0 is added,
 * not 0 / 0: padding between parameters stays 0.
 */
export const rmsprop = defineTensorKernel({
  name: 'rmsprop',
  operands: { ...updateOperands, square: { access: 'update', width: 4 } },
  parameters: { ...updateParameters, alpha: 'f32', epsilon: 'f32' },
  workgroups: ({ size4 }) => linearGroups(size4),
  wgsl: rmspropWgsl,
  wasm: { tiles: tilesOfUpdate },
  reference(operands, p) {
    if (isSkipped(operands)) return;
    const { velocity, square } = operands;
    for (let i = 0; i < 4 * p.size4; i++) {
      const gradient = gradientOf(operands, p, i);
      square[i] = p.alpha * at(square, i) + (1 - p.alpha) * gradient ** 2;
      const divisor = Math.sqrt(at(square, i)) + p.epsilon;
      velocity[i] = p.momentum * at(velocity, i) + (divisor === 0 ? 0 : gradient / divisor);
      subtract(operands, i, p.learningRate * at(velocity, i));
    }
  },
});
