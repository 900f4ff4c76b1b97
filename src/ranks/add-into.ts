/** into[i] += other[i], in float32. */
export function addInto(into: Float32Array, other: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + (other[i] as number);
}
