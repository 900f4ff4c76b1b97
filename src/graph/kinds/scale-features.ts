import { expectShape, type Node, type NodeKind } from '../node.ts';

/** x [n, c] times a factor for each value, which comes from outside: dropout. */
export const scaleFeatures: NodeKind<object> = {
  name: 'scaleFeatures',
  shape([x = [], factors = []]) {
    const isRight = x.length === 2 && factors[0] === x[0] && factors[1] === x[1];
    expectShape(isRight, 'x [n, c] and factors [n, c]');
    return x;
  },
  derivative: ({ name, inputs: [, factors] }, gradient, graph) => [
    graph.add(scaleFeatures, name, [gradient, factors as Node], {}),
    undefined,
  ],
};
