/** Scalar activations, for the kernels' references. */

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export const silu = (x: number): number => x * sigmoid(x);

/** The derivative of silu. */
export function siluSlope(x: number): number {
  const s = sigmoid(x);
  return s * (1 + x * (1 - s));
}
