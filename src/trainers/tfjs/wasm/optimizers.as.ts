// One pass over a parameter of `count` f32 a step. Written to new memory: XNNPACK keeps packed copies of filters, so
// weights must never change in place.

/**
 * PyTorch's SGD with momentum: b = momentum b + g, w = w - rate b, or with `nesterov` w = w - rate (momentum b + g); g
 * includes decay * w.
 */
export function sgd(
  weight: usize,
  gradient: usize,
  buffer: usize,
  count: usize,
  rate: f32,
  momentum: f32,
  decay: f32,
  nesterov: bool,
  newWeight: usize,
  newBuffer: usize,
): void {
  let i: usize = 0;
  for (; i + 16 <= count * 4; i += 16) {
    const w = v128.load(weight + i);
    const g = f32x4.add(v128.load(gradient + i), f32x4.mul(w, f32x4.splat(decay)));
    const b = f32x4.add(f32x4.mul(v128.load(buffer + i), f32x4.splat(momentum)), g);
    const step = nesterov ? f32x4.add(f32x4.mul(b, f32x4.splat(momentum)), g) : b;
    v128.store(newBuffer + i, b);
    v128.store(newWeight + i, f32x4.sub(w, f32x4.mul(step, f32x4.splat(rate))));
  }
  for (; i < count * 4; i += 4) {
    const w = load<f32>(weight + i);
    const g = load<f32>(gradient + i) + w * decay;
    const b = load<f32>(buffer + i) * momentum + g;
    store<f32>(newBuffer + i, b);
    store<f32>(newWeight + i, w - (nesterov ? b * momentum + g : b) * rate);
  }
}

/** PyTorch's RMSprop: v = alpha v + (1 - alpha) g^2, b = momentum b + g / (sqrt(v) + epsilon), w = w - rate b. */
export function rmsprop(
  weight: usize,
  gradient: usize,
  buffer: usize,
  square: usize,
  count: usize,
  rate: f32,
  momentum: f32,
  decay: f32,
  alpha: f32,
  epsilon: f32,
  newWeight: usize,
  newBuffer: usize,
  newSquare: usize,
): void {
  const rest: f32 = 1 - alpha;
  let i: usize = 0;
  for (; i + 16 <= count * 4; i += 16) {
    const w = v128.load(weight + i);
    const g = f32x4.add(v128.load(gradient + i), f32x4.mul(w, f32x4.splat(decay)));
    const v = f32x4.add(
      f32x4.mul(v128.load(square + i), f32x4.splat(alpha)),
      f32x4.mul(f32x4.mul(g, g), f32x4.splat(rest)),
    );
    const quotient = f32x4.div(g, f32x4.add(f32x4.sqrt(v), f32x4.splat(epsilon)));
    const b = f32x4.add(f32x4.mul(v128.load(buffer + i), f32x4.splat(momentum)), quotient);
    v128.store(newSquare + i, v);
    v128.store(newBuffer + i, b);
    v128.store(newWeight + i, f32x4.sub(w, f32x4.mul(b, f32x4.splat(rate))));
  }
  for (; i < count * 4; i += 4) {
    const w = load<f32>(weight + i);
    const g = load<f32>(gradient + i) + w * decay;
    const v = load<f32>(square + i) * alpha + g * g * rest;
    const b = load<f32>(buffer + i) * momentum + g / (sqrt<f32>(v) + epsilon);
    store<f32>(newSquare + i, v);
    store<f32>(newBuffer + i, b);
    store<f32>(newWeight + i, w - b * rate);
  }
}

/** decay average + (1 - decay) values. */
export function movingAverage(
  average: usize,
  values: usize,
  count: usize,
  decay: f32,
  newAverage: usize,
): void {
  const rest: f32 = 1 - decay;
  let i: usize = 0;
  for (; i + 16 <= count * 4; i += 16) {
    const kept = f32x4.mul(v128.load(average + i), f32x4.splat(decay));
    v128.store(newAverage + i, f32x4.add(kept, f32x4.mul(v128.load(values + i), f32x4.splat(rest))));
  }
  for (; i < count * 4; i += 4)
    store<f32>(newAverage + i, load<f32>(average + i) * decay + load<f32>(values + i) * rest);
}
