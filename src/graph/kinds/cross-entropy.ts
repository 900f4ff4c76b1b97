import { expectShape, type Node, type NodeKind } from '../node.ts';

export interface CrossEntropyAttributes {
  /** 0..1: share of the target spread evenly over all classes. */
  readonly smoothing: number;
}

/** The logits' gradient of a loss's mean over rows, times the loss scale. Inputs: the loss, its logits. */
export const crossEntropyGradient: NodeKind<object> = {
  name: 'crossEntropyGradient',
  shape: ([, logits = []]) => logits,
};

/**
 * Loss of each row [n]: the cross-entropy of softmax(logits [n, classes]) with a row's own label, its partner's label and
 * the share of its own, each [n].
 */
export const crossEntropy: NodeKind<CrossEntropyAttributes> = {
  name: 'crossEntropy',
  shape([logits = [], ...targets]) {
    const isRight = logits.length === 2 && targets.length === 3 && targets.every(([n]) => n === logits[0]);
    expectShape(isRight, 'logits [n, classes], labels, partners and shares [n]');
    return [logits[0] as number];
  },
  derivative: (node, _, graph) => [
    graph.add(crossEntropyGradient, node.name, [node as Node, node.inputs[0] as Node], {}),
    ...Array(3).fill(undefined),
  ],
};
