import { describe } from 'vitest';
import { weightedCrossEntropy } from '../../../backends/tensor-kernels/weighted-cross-entropy/weighted-cross-entropy.ts';
import { itIsLossOfTargets } from '../../support/target-losses.ts';

/** Most classes have none, as of hard labels; smoothed ones; of rare classes, more than 1. */
const targets = [0, 0.01, 2.5, 0, 0, 0.02, 0.3];

describe('weighted-cross-entropy', () => {
  itIsLossOfTargets(
    weightedCrossEntropy,
    // the fourth row has no target at all
    (place, stride) => (Math.floor(place / stride) === 3 ? 0 : (targets[place % targets.length] as number)),
    // a few gradients are many times the root mean square, and float16 rounds them to 11 bits
    { packed: 0.016, half: 0.016 },
  );
});
