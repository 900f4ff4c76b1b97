import { copyWeightsOf, endOfTile, isSkipped, startOfTile, Update, unscaling } from '../weight-update.as';

@unmanaged
class Rmsprop extends Update {
  square: usize;
  size4: usize;
  decayed4: usize;
  weightDecay: f32;
  momentum: f32;
  learningRate: f32;
  alpha: f32;
  epsilon: f32;
}

export function rmsprop(p: Rmsprop, _column: usize, row: usize, _scratch: usize): void {
  if (isSkipped(p)) return;
  const start = startOfTile(row);
  const end = endOfTile(row, p.size4);
  const decayed = max(start, min(end, p.decayed4 * 16));
  descend(p, start, decayed, p.weightDecay);
  descend(p, decayed, end, 0);
  copyWeightsOf(p, start, end);
}

function descend(p: Rmsprop, start: usize, end: usize, weightDecay: f32): void {
  const scale = f32x4.splat(unscaling(p));
  const decay = f32x4.splat(weightDecay);
  const momentum = f32x4.splat(p.momentum);
  const rate = f32x4.splat(p.learningRate);
  const alpha = f32x4.splat(p.alpha);
  const rest = f32x4.splat(1 - p.alpha);
  const epsilon = f32x4.splat(p.epsilon);
  // not read again in each turn: what is stored could have changed them
  const weights = p.weights;
  const gradients = p.gradients;
  const velocities = p.velocity;
  const squares = p.square;
  for (let i = start; i < end; i += 16) {
    const old = v128.load(weights + i);
    const gradient = f32x4.add(f32x4.mul(v128.load(gradients + i), scale), f32x4.mul(old, decay));
    const kept = f32x4.mul(v128.load(squares + i), alpha);
    const square = f32x4.add(kept, f32x4.mul(f32x4.mul(gradient, gradient), rest));
    v128.store(squares + i, square);
    const divisor = f32x4.add(f32x4.sqrt(square), epsilon);
    // 0 / 0 counts as 0
    const isDivided = f32x4.ne(divisor, f32x4.splat(0));
    const quotient = v128.and(f32x4.div(gradient, divisor), isDivided);
    const velocity = f32x4.add(f32x4.mul(v128.load(velocities + i), momentum), quotient);
    v128.store(velocities + i, velocity);
    v128.store(weights + i, f32x4.sub(old, f32x4.mul(velocity, rate)));
  }
}
