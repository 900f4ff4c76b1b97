import { expectShape, type Node, type NodeKind } from '../node.ts';

/** x [n, ...] times a factor for each sample [n], which comes from outside: stochastic depth. */
export const scaleSamples: NodeKind<object> = {
  name: 'scaleSamples',
  shape([x = [], factors = []]) {
    expectShape(factors.length === 1 && factors[0] === x[0], 'x [n, ...] and factors [n]');
    return x;
  },
  derivative: ({ name, inputs: [, factors] }, gradient, graph) => [
    graph.add(scaleSamples, name, [gradient, factors as Node], {}),
    undefined,
  ],
};
