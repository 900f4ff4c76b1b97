import { expectShape, type Node, type NodeKind } from '../node.ts';

/** The mean's gradient; adds those of the parameters. Inputs: the factors' gradient, the squeeze-and-excite node. */
export const squeezeExciteGradient: NodeKind<object> = {
  name: 'squeezeExciteGradient',
  shape: ([gradient = []]) => gradient,
};

/**
 * A factor for each sample and channel: sigmoid(excite(silu(squeeze(mean)))) of mean [n, c]; the weights are [q, c] and
 * [c, q], each followed by its bias.
 */
export const squeezeExcite: NodeKind<object> = {
  name: 'squeezeExcite',
  shape([mean = [], squeeze = [], squeezeBias = [], excite = [], exciteBias = []]) {
    const [c, q] = [mean[1], squeeze[0]];
    const isRight = squeeze[1] === c && squeezeBias[0] === q && excite[0] === c && excite[1] === q;
    expectShape(isRight && exciteBias[0] === c, 'mean [n, c], weights [q, c], [q], [c, q], [c]');
    return mean;
  },
  derivative: (node, gradient, graph) => [
    graph.add(squeezeExciteGradient, node.name, [gradient, node as Node], {}),
    ...Array(4).fill(undefined),
  ],
};
