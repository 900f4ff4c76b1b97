import { areClasses } from '../class-channels.as';
import { largestOf, putExponentials, sumOf } from '../row-exponentials.as';
import { Call } from '../wasm-call.as';

@unmanaged
class CrossEntropy extends Call {
  logits: usize;
  labels: usize;
  partners: usize;
  shares: usize;
  state: usize;
  losses: usize;
  gradient: usize;
  rows: usize;
  classes: usize;
  c4: usize;
  smoothing: f32;
  lossFactor: f32;
}

/** A tile is a row, whose values count from its largest. */
export function crossEntropy(p: CrossEntropy, _column: usize, row: usize, _scratch: usize): void {
  const logits = p.logits + row * p.c4 * 16;
  const gradient = p.gradient + row * p.c4 * 16;
  const largest = largestOf(logits, p.classes);
  const total = putExponentials(logits, largest, p.classes, gradient);
  const factor = (load<f32>(p.state) * p.lossFactor) / <f32>p.rows;
  const every = <f64>p.smoothing / <f64>p.classes;
  scaleExponentials(gradient, <f32>(1 / total), <f32>every, factor, p);
  const logarithm = <f64>largest + Math.log(total);
  const share = load<f32>(p.shares + row * 4);
  let loss = <f64>p.smoothing * logarithm - every * sumOf(logits, p.classes);
  loss += takeTarget(p, row, load<usize>(p.labels + row * 4), share, logarithm, factor);
  loss += takeTarget(p, row, load<usize>(p.partners + row * 4), 1 - share, logarithm, factor);
  store<f32>(p.losses + row * 4, <f32>loss);
}

/** Takes a label's target from the gradient. Returns its part of the loss. */
function takeTarget(p: CrossEntropy, row: usize, label: usize, share: f32, logarithm: f64, factor: f32): f64 {
  if (label >= p.classes) return 0;
  const target: f32 = (<f32>1 - p.smoothing) * share;
  const place = (row * p.c4 * 4 + label) * 4;
  store<f32>(p.gradient + place, load<f32>(p.gradient + place) - target * factor);
  return <f64>target * (logarithm - <f64>load<f32>(p.logits + place));
}

/** The gradient from exponentials, but for what the two labels take of it. */
function scaleExponentials(gradient: usize, inverse: f32, every: f32, factor: f32, p: CrossEntropy): void {
  for (let c: usize = 0; c < p.c4 * 4; c += 4) {
    const probability = f32x4.mul(v128.load(gradient + c * 4), f32x4.splat(inverse));
    const scaled = f32x4.mul(f32x4.sub(probability, f32x4.splat(every)), f32x4.splat(factor));
    v128.store(gradient + c * 4, v128.and(scaled, areClasses(c, p.classes)));
  }
}
