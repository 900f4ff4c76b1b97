import { expectShape, type Node, type NodeKind } from '../node.ts';

/** The input's gradient; adds those of weight and bias. Inputs: the output's gradient, the input, weight, bias. */
export const denseGradient: NodeKind<object> = { name: 'denseGradient', shape: ([, x = []]) => x };

/** x [n, i] times a weight [o, i], plus a bias [o]. */
export const dense: NodeKind<object> = {
  name: 'dense',
  shape([x = [], weight = [], bias = []]) {
    const isRight = x.length === 2 && weight[1] === x[1] && bias[0] === weight[0];
    expectShape(isRight, 'x [n, i], a weight [o, i] and a bias [o]');
    return [x[0] as number, weight[0] as number];
  },
  derivative: ({ name, inputs: [x, weight, bias] }, gradient, graph) => [
    graph.add(denseGradient, name, [gradient, x as Node, weight as Node, bias as Node], {}),
    undefined,
    undefined,
  ],
};
