import { areClasses } from './class-channels.as';
import { Exponential } from './exponential.as';

/** The largest of a row's logits. */
export function largestOf(logits: usize, classes: usize): f32 {
  const lowest = f32x4.splat(-Infinity);
  let largest = lowest;
  for (let c: usize = 0; c < classes; c += 4) {
    const four = v128.bitselect(v128.load(logits + c * 4), lowest, areClasses(c, classes));
    largest = f32x4.max(largest, four);
  }
  const low = max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1));
  const high = max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3));
  return max(low, high);
}

/** Writes the exponentials of logits less the largest, and 0 for padding. Returns their sum. */
export function putExponentials(logits: usize, largest: f32, classes: usize, out: usize): f64 {
  const origin = f32x4.splat(largest);
  let sums = f64x2.splat(0);
  for (let c: usize = 0; c < classes; c += 4) {
    const four = Exponential.ofNegative(f32x4.sub(v128.load(logits + c * 4), origin));
    const ofClasses = v128.and(four, areClasses(c, classes));
    v128.store(out + c * 4, ofClasses);
    sums = f64x2.add(sums, pairSums(ofClasses));
  }
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/** The sum in float64 of a row's values. */
export function sumOf(values: usize, classes: usize): f64 {
  let sums = f64x2.splat(0);
  for (let c: usize = 0; c < classes; c += 4)
    sums = f64x2.add(sums, pairSums(v128.and(v128.load(values + c * 4), areClasses(c, classes))));
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/** The sums in float64 of a first and a third number, and of a second and a fourth. */
export function pairSums(four: v128): v128 {
  const high = i32x4.shuffle(four, four, 2, 3, 2, 3);
  return f64x2.add(f64x2.promote_low_f32x4(four), f64x2.promote_low_f32x4(high));
}
