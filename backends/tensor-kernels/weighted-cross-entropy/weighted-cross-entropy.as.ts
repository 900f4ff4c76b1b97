import { areClasses } from '../class-channels.as';
import { largestOf, pairSums, putExponentials, sumOf } from '../row-exponentials.as';
import { Call } from '../wasm-call.as';

@unmanaged
class WeightedCrossEntropy extends Call {
  logits: usize;
  targets: usize;
  state: usize;
  losses: usize;
  gradient: usize;
  rows: usize;
  classes: usize;
  c4: usize;
  lossFactor: f32;
}

/** A tile is a row, whose values count from its largest. */
export function weightedCrossEntropy(
  p: WeightedCrossEntropy,
  _column: usize,
  row: usize,
  _scratch: usize,
): void {
  const first = row * p.c4 * 16;
  const logits = p.logits + first;
  const targets = p.targets + first;
  const gradient = p.gradient + first;
  const largest = largestOf(logits, p.classes);
  const total = putExponentials(logits, largest, p.classes, gradient);
  const mass = sumOf(targets, p.classes);
  const loss = mass * Math.log(total) - weightedSum(logits, targets, largest, p.classes);
  store<f32>(p.losses + row * 4, <f32>loss);
  const factor = (load<f32>(p.state) * p.lossFactor) / <f32>p.rows;
  takeTargets(gradient, targets, <f32>(mass / total), factor, p);
}

/** The sum of logits less the largest, by their targets. */
function weightedSum(logits: usize, targets: usize, largest: f32, classes: usize): f64 {
  const origin = f32x4.splat(largest);
  let sums = f64x2.splat(0);
  for (let c: usize = 0; c < classes; c += 4) {
    const products = f32x4.mul(f32x4.sub(v128.load(logits + c * 4), origin), v128.load(targets + c * 4));
    sums = f64x2.add(sums, pairSums(v128.and(products, areClasses(c, classes))));
  }
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/** The gradient from exponentials. */
function takeTargets(
  gradient: usize,
  targets: usize,
  inverse: f32,
  factor: f32,
  p: WeightedCrossEntropy,
): void {
  for (let c: usize = 0; c < p.c4 * 4; c += 4) {
    const share = f32x4.mul(v128.load(gradient + c * 4), f32x4.splat(inverse));
    const scaled = f32x4.mul(f32x4.sub(share, v128.load(targets + c * 4)), f32x4.splat(factor));
    v128.store(gradient + c * 4, v128.and(scaled, areClasses(c, p.classes)));
  }
}
