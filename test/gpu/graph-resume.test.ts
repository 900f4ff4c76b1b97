import { it } from 'vitest';
import { describeOnGpu } from '../support/gpu.ts';
import { expectSameAfterInterruption } from '../support/interrupted-training.ts';

describeOnGpu('a training by the trainer graph that was interrupted', () => {
  it('goes on to the same weights and the same loss scale in mixed precision', () =>
    expectSameAfterInterruption(['--trainer', 'graph', '--device', 'gpu', '--amp']));
});
