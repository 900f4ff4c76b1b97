import type { Element } from '../../../backends/tensor-kernels/tensor.ts';
import type { NodeKind, Shape } from '../node.ts';

/** What comes with every step from outside. */
export const input: NodeKind<{ readonly shape: Shape; readonly element: Element }> = {
  name: 'input',
  shape: (_, { shape }) => shape,
};
