import type { NodeKind } from '../node.ts';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';

/**
 * Loss of each row [n]: -sum of target x log softmax(logits [n, classes]). Targets are laid out as the binary cross-entropy's, and
 * those of a row need not sum to 1: each may have its class's weight.
 */
export const weightedCrossEntropy: NodeKind<object> = { ...binaryCrossEntropy, name: 'weightedCrossEntropy' };
