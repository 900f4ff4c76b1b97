/**
 * One byte of Pillow's Image.blend(first, second, factor): first + factor * (second - first), product and sum rounded
 * to float32, then cut to an integer and clamped to 0..255. Factor 0 gives `first`, 1 gives `second`. Pillow leaves the
 * clamp out for factors in 0..1, where it changes nothing.
 */
export function blend(first: number, second: number, factor: number): number {
  const product = Math.fround(Math.fround(factor) * (second - first));
  return Math.max(0, Math.min(255, Math.trunc(Math.fround(first + product))));
}
