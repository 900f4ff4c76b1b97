import { channelsOf, expectShape, type Node, type NodeKind } from '../node.ts';

export interface BatchNormAttributes {
  readonly epsilon: number;
  /** Share of the running statistics that each batch replaces. */
  readonly momentum: number;
  /** Whether the statistics are the batch's own, and not the running ones, which have no derivative. */
  readonly isTraining: boolean;
}

/** The gradient of a batch norm's input; adds those of scale and shift. Inputs: the output's gradient, the batch norm. */
export const batchNormGradient: NodeKind<object> = {
  name: 'batchNormGradient',
  shape: ([gradient = []]) => gradient,
};

/** (x - mean) / sqrt(variance + epsilon) scale + shift per channel. Inputs: x, scale, shift, running mean, running variance. */
export const batchNorm: NodeKind<BatchNormAttributes> = {
  name: 'batchNorm',
  shape([x = [], ...vectors]) {
    const channels = channelsOf(x);
    const isRight = vectors.length === 4 && vectors.every((v) => v.length === 1 && v[0] === channels);
    expectShape(isRight, `x [..., c] and four vectors [${channels}]`);
    return x;
  },
  derivative: (node, gradient, graph) => [
    graph.add(batchNormGradient, node.name, [gradient, node as Node], {}),
    ...Array(4).fill(undefined),
  ],
};
