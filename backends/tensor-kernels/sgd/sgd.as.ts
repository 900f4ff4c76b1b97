import { copyWeightsOf, endOfTile, isSkipped, startOfTile, Update, unscaling } from '../weight-update.as';

@unmanaged
class Sgd extends Update {
  size4: usize;
  decayed4: usize;
  weightDecay: f32;
  momentum: f32;
  learningRate: f32;
  nesterov: usize;
}

export function sgd(p: Sgd, _column: usize, row: usize, _scratch: usize): void {
  if (isSkipped(p)) return;
  const start = startOfTile(row);
  const end = endOfTile(row, p.size4);
  const decayed = max(start, min(end, p.decayed4 * 16));
  descend(p, start, decayed, p.weightDecay);
  descend(p, decayed, end, 0);
  copyWeightsOf(p, start, end);
}

function descend(p: Sgd, start: usize, end: usize, weightDecay: f32): void {
  const scale = f32x4.splat(unscaling(p));
  const decay = f32x4.splat(weightDecay);
  const momentum = f32x4.splat(p.momentum);
  const rate = f32x4.splat(p.learningRate);
  const looksAhead = p.nesterov !== 0;
  // not read again in each turn: what is stored could have changed them
  const weights = p.weights;
  const gradients = p.gradients;
  const velocities = p.velocity;
  for (let i = start; i < end; i += 16) {
    const old = v128.load(weights + i);
    const gradient = f32x4.add(f32x4.mul(v128.load(gradients + i), scale), f32x4.mul(old, decay));
    const velocity = f32x4.add(f32x4.mul(v128.load(velocities + i), momentum), gradient);
    v128.store(velocities + i, velocity);
    const step = looksAhead ? f32x4.add(f32x4.mul(velocity, momentum), gradient) : velocity;
    v128.store(weights + i, f32x4.sub(old, f32x4.mul(step, rate)));
  }
}
