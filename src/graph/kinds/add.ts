import { expectShape, type NodeKind } from '../node.ts';

/** a + b of one shape. */
export const add: NodeKind<object> = {
  name: 'add',
  shape([a = [], b = []]) {
    expectShape(a.length === b.length && a.every((size, i) => size === b[i]), 'two of one shape');
    return a;
  },
  derivative: (_, gradient) => [gradient, gradient],
};
