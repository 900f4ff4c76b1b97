/** out[0..8] += first, second. */
export function addPair(out: usize, first: v128, second: v128): void {
  v128.store(out, f32x4.add(v128.load(out), first));
  v128.store(out, f32x4.add(v128.load(out, 16), second), 16);
}
