import { areClasses } from '../class-channels.as';
import { Exponential } from '../exponential.as';
import { Call } from '../wasm-call.as';

@unmanaged
class BinaryCrossEntropy extends Call {
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

/** A tile is a row. */
export function binaryCrossEntropy(p: BinaryCrossEntropy, _column: usize, row: usize, _scratch: usize): void {
  const first = row * p.c4 * 16;
  const factor = (load<f32>(p.state) * p.lossFactor) / <f32>p.rows / <f32>p.classes;
  let sum: f64 = 0;
  for (let c: usize = 0; c < p.c4 * 4; c += 4)
    sum += takeFour(p, first + c * 4, areClasses(c, p.classes), factor);
  store<f32>(p.losses + row * 4, <f32>(sum / <f64>p.classes));
}

/** Writes the gradient of four channels, of those that are classes. Returns their part of the loss. */
function takeFour(p: BinaryCrossEntropy, offset: usize, classes: v128, factor: f32): f64 {
  const x = v128.load(p.logits + offset);
  const target = v128.load(p.targets + offset);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  // e^-|x|, which is never large
  const e = Exponential.ofNegative(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(one, e, f32x4.ge(x, zero));
  const probability = f32x4.div(numerator, f32x4.add(one, e));
  const gradient = f32x4.mul(f32x4.sub(probability, target), f32x4.splat(factor));
  v128.store(p.gradient + offset, v128.and(gradient, classes));
  const linear = v128.and(f32x4.sub(f32x4.max(x, zero), f32x4.mul(x, target)), classes);
  return sumOf(linear) + logarithmOfProduct(v128.and(e, classes));
}

function sumOf(four: v128): f64 {
  const low = <f64>f32x4.extract_lane(four, 0) + <f64>f32x4.extract_lane(four, 1);
  return low + (<f64>f32x4.extract_lane(four, 2) + <f64>f32x4.extract_lane(four, 3));
}

/** log((1 + a) (1 + b) (1 + c) (1 + d)): one logarithm for four classes. */
function logarithmOfProduct(four: v128): f64 {
  const low = (1 + <f64>f32x4.extract_lane(four, 0)) * (1 + <f64>f32x4.extract_lane(four, 1));
  return Math.log(low * ((1 + <f64>f32x4.extract_lane(four, 2)) * (1 + <f64>f32x4.extract_lane(four, 3))));
}
