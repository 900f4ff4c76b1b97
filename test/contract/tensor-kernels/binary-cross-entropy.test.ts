import { describe } from 'vitest';
import { binaryCrossEntropy } from '../../../backends/tensor-kernels/binary-cross-entropy/binary-cross-entropy.ts';
import { itIsLossOfTargets } from '../../support/target-losses.ts';

/** Hard ones, shares of a mix, and smoothed ones. */
const targets = [0, 1, 0.3, 0.05, 0.95];

describe('binary-cross-entropy', () => {
  itIsLossOfTargets(binaryCrossEntropy, (place) => targets[place % targets.length] as number);
});
