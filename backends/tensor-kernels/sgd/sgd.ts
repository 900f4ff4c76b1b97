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
import { sgdWgsl } from './sgd.wgsl.ts';

/**
 * Stochastic gradient descent as PyTorch's: velocity = momentum velocity + gradient; the weights lose learningRate velocity,
 * or learningRate (gradient + momentum velocity) where `nesterov` is 1.
 */
export const sgd = defineTensorKernel({
  name: 'sgd',
  operands: updateOperands,
  parameters: updateParameters,
  constants: ['nesterov'],
  workgroups: ({ size4 }) => linearGroups(size4),
  wgsl: sgdWgsl,
  wasm: { tiles: tilesOfUpdate },
  reference(operands, p) {
    if (isSkipped(operands)) return;
    const { velocity } = operands;
    for (let i = 0; i < 4 * p.size4; i++) {
      const gradient = gradientOf(operands, p, i);
      const speed = p.momentum * at(velocity, i) + gradient;
      velocity[i] = speed;
      subtract(operands, i, p.learningRate * (p.nesterov === 1 ? gradient + p.momentum * speed : speed));
    }
  },
});
