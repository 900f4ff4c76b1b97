import { at } from '../at.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { lossScaleWgsl } from './loss-scale.wgsl.ts';
import { largestToDouble, lossScaleState } from './state.ts';

/**
 * The loss scale after an update, by the rule of PyTorch's GradScaler: halved where a gradient was not finite (the flag is not
 * 0), doubled after growthInterval good updates in a row, or more; for ever the same where that is infinite. A scale whose
 * double is not finite stays. Clears the flag.
 */
export const lossScale = defineTensorKernel({
  name: 'loss-scale',
  operands: { flag: { access: 'update', width: 1 }, state: { access: 'update', width: 1 } },
  parameters: { growthInterval: 'f32' },
  workgroups: () => [1, 1, 1],
  wgsl: lossScaleWgsl,
  wasm: { tiles: () => [1, 1] },
  reference({ flag, state }, p) {
    const { scale, good, skipped, skippedInARow, isSkipped } = lossScaleState;
    const isBad = flag[0] !== 0;
    const goodUpdates = isBad ? 0 : at(state, good) + 1;
    const grows = goodUpdates >= p.growthInterval;
    if (isBad) state[scale] = at(state, scale) / 2;
    if (grows && at(state, scale) <= largestToDouble) state[scale] = at(state, scale) * 2;
    state[good] = grows ? 0 : goodUpdates;
    state[skipped] = at(state, skipped) + (isBad ? 1 : 0);
    state[skippedInARow] = isBad ? at(state, skippedInARow) + 1 : 0;
    state[isSkipped] = isBad ? 1 : 0;
    flag[0] = 0;
  },
});
