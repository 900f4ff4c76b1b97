/**
 * Element `index` of torch.linspace(low, high, count) on a CPU: float32, with fused multiply-add, and counted from the
 * nearer end.
 */
export function linspace(low: number, high: number, count: number, index: number): number {
  const [first, last] = [Math.fround(low), Math.fround(high)];
  const step = Math.fround(Math.fround(last - first) / (count - 1));
  return Math.fround(
    index < Math.floor(count / 2) ? first + step * index : last - step * (count - 1 - index),
  );
}
