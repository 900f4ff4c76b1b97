import { expectShape, type Node, type NodeKind, paddedTo4 } from '../node.ts';
import { crossEntropyGradient } from './cross-entropy.ts';

/**
 * Loss of each row [n]: the mean over classes of the cross-entropy of sigmoid(logits [n, classes]) with targets 0..1, whose rows are
 * padded to a multiple of 4.
 */
export const binaryCrossEntropy: NodeKind<object> = {
  name: 'binaryCrossEntropy',
  shape([[rows = 0, classes = 0] = [], targets = []]) {
    const isRight = targets.length === 2 && targets[0] === rows && targets[1] === paddedTo4(classes);
    expectShape(isRight, 'logits [n, classes] and targets [n, classes padded to 4]');
    return [rows];
  },
  derivative: (node, _, graph) => [
    graph.add(crossEntropyGradient, node.name, [node as Node, node.inputs[0] as Node], {}),
    undefined,
  ],
};
