/** a b + c of float32 numbers with one rounding, to float32: what processors call FMA. Without over- and underflow. */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  // exact: 24 and 24 bits
  const product = a * b;
  const sum = product + c;
  const nearest = Math.fround(sum);
  // midway between two float32, the part that the sum has lost decides
  const mirrored = 2 * sum - nearest;
  if (mirrored === nearest || Math.fround(mirrored) !== mirrored) return nearest;
  const added = sum - product;
  const lost = product - (sum - added) + (c - added);
  if (lost === 0) return nearest;
  return lost > 0 ? Math.max(nearest, mirrored) : Math.min(nearest, mirrored);
}
