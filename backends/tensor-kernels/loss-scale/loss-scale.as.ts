import { Call } from '../wasm-call.as';

@unmanaged
class LossScale extends Call {
  flag: usize;
  state: State;
  growthInterval: f32;
}

/** Its values lie as state.ts says. */
@unmanaged
class State {
  scale: f32;
  good: f32;
  skipped: f32;
  skippedInARow: f32;
  isSkipped: f32;
}

export function lossScale(p: LossScale, _column: usize, _row: usize, _scratch: usize): void {
  const state = p.state;
  const isBad = load<u32>(p.flag) !== 0;
  const goodUpdates: f32 = isBad ? 0 : state.good + 1;
  const grows = goodUpdates >= p.growthInterval;
  if (isBad) state.scale /= 2;
  const twice = state.scale * 2;
  if (grows && isFinite(twice)) state.scale = twice;
  state.good = grows ? 0 : goodUpdates;
  state.skipped += isBad ? 1 : 0;
  state.skippedInARow = isBad ? state.skippedInARow + 1 : 0;
  state.isSkipped = isBad ? 1 : 0;
  store<u32>(p.flag, 0);
}
