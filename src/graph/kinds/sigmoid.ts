import type { Node, NodeKind } from '../node.ts';

/** The input's gradient. Inputs: the output's gradient, the output. */
export const sigmoidGradient: NodeKind<object> = { name: 'sigmoidGradient', shape: ([, y = []]) => y };

/** 1 / (1 + e^-x) */
export const sigmoid: NodeKind<object> = {
  name: 'sigmoid',
  shape: ([x = []]) => x,
  derivative: (node, gradient, graph) => [
    graph.add(sigmoidGradient, node.name, [gradient, node as Node], {}),
  ],
};
