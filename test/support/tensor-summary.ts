import { expect } from 'vitest';

/** Two numbers that pin a tensor: its norm, and its product with cos(0), cos(1), ... */
export type TensorSummary = readonly [norm: number, projection: number];

export function summarize(data: Float32Array): TensorSummary {
  const norm = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
  return [norm, data.reduce((sum, value, i) => sum + value * Math.cos(i), 0)];
}

/** Within 1e-4 of the tensor's norm; tensors that are zero but for rounding, times steps, within 3e-6. */
export function expectSummary(
  [norm, projection]: TensorSummary,
  [expected, expectedProjection]: TensorSummary,
  name: string,
): void {
  const tolerance = 1e-4 * expected + 3e-6;
  expect(Math.abs(norm - expected), `norm of ${name}: ${norm}, PyTorch ${expected}`).toBeLessThan(tolerance);
  const message = `projection of ${name}: ${projection}, PyTorch ${expectedProjection}, norm ${expected}`;
  expect(Math.abs(projection - expectedProjection), message).toBeLessThan(tolerance);
}
