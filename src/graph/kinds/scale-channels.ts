import { channelsOf, expectShape, type Node, type NodeKind } from '../node.ts';

/** The factors' gradient [n, c]: the sum over pixels of the product of its inputs, the output's gradient and x. */
export const channelFactorsGradient: NodeKind<object> = {
  name: 'channelFactorsGradient',
  shape: ([, x = []]) => [x[0] as number, channelsOf(x)],
};

/** x [n, h, w, c] times a factor for each sample and channel [n, c]. */
export const scaleChannels: NodeKind<object> = {
  name: 'scaleChannels',
  shape([x = [], factors = []]) {
    expectShape(factors[0] === x[0] && factors[1] === channelsOf(x), 'x [n, ..., c] and factors [n, c]');
    return x;
  },
  derivative({ name, inputs: [x, factors] }, gradient, graph) {
    const ofFactors = graph.add(channelFactorsGradient, name, [gradient, x as Node], {});
    return [graph.add(scaleChannels, name, [gradient, factors as Node], {}), ofFactors];
  },
};
