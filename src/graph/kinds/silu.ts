import type { Node, NodeKind } from '../node.ts';

/** The input's gradient. Inputs: the output's gradient, the input. */
export const siluGradient: NodeKind<object> = { name: 'siluGradient', shape: ([, x = []]) => x };

/** x sigmoid(x). */
export const silu: NodeKind<object> = {
  name: 'silu',
  shape: ([x = []]) => x,
  derivative: ({ name, inputs: [x] }, gradient, graph) => [
    graph.add(siluGradient, name, [gradient, x as Node], {}),
  ],
};
