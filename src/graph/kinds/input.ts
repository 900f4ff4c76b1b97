import type { Element } from '../../../backends/tensor-kernels/tensor.ts';
import type { NodeKind, Shape } from '../node.ts';

/** A tensor that comes from outside with every step. */
export const input: NodeKind<{ readonly shape: Shape; readonly element: Element }> = {
  name: 'input',
  shape: (_, { shape }) => shape,
};
