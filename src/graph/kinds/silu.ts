import type { Node, NodeKind } from '../node.ts';

/** The input's gradient. Inputs: the output's gradient, the input, the output. */
export const siluGradient: NodeKind<object> = { name: 'siluGradient', shape: ([, x = []]) => x };

/** x sigmoid(x). */
export const silu: NodeKind<object> = {
  name: 'silu',
  shape: ([x = []]) => x,
  derivative: (node, gradient, graph) => [
    graph.add(siluGradient, node.name, [gradient, node.inputs[0] as Node, node], {}),
  ],
};
