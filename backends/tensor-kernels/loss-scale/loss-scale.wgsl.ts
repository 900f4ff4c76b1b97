import { largestToDouble, lossScaleState } from './state.ts';

const { scale, good, skipped, skippedInARow, isSkipped } = lossScaleState;

export const lossScaleWgsl = (): string => /* wgsl */ `
@compute @workgroup_size(1)
fn main() {
  let scale = state_at(${scale}u);
  let isBad = flag_at(0u) != 0u;
  let good = select(state_at(${good}u) + 1.0, 0.0, isBad);
  let grows = good >= p.growthInterval;
  let change = select(select(1.0, 2.0, grows && scale <= ${largestToDouble}f), 0.5, isBad);
  state_put(${scale}u, scale * change);
  state_put(${good}u, select(good, 0.0, grows));
  state_put(${skipped}u, state_at(${skipped}u) + select(0.0, 1.0, isBad));
  state_put(${skippedInARow}u, select(0.0, state_at(${skippedInARow}u) + 1.0, isBad));
  state_put(${isSkipped}u, select(0.0, 1.0, isBad));
  flag_put(0u, 0u);
}
`;
