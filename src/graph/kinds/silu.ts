import type { Node, NodeKind } from '../node.ts';

/** Of the output's gradient and the input: the input's gradient. */
export const siluGradient: NodeKind<object> = { name: 'siluGradient', shape: ([, x = []]) => x };

/** x sigmoid(x). */
export const silu: NodeKind<object> = {
  name: 'silu',
  shape: ([x = []]) => x,
  derivative: ({ name, inputs: [x] }, gradient, graph) => [
    graph.add(siluGradient, name, [gradient, x as Node], {}),
  ],
};
