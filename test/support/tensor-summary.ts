import { expect } from 'vitest';

/** Two numbers that pin a tensor: its norm, and its product with cos(0), cos(1), ... */
export type TensorSummary = readonly [norm: number, projection: number];

/** How far a summary may be off: a part of the tensor's norm, and what rounding leaves of a tensor that is zero. */
export interface SummaryTolerance {
  readonly relative: number;
  readonly zero: number;
}

/** For float32, after some steps. */
const float32: SummaryTolerance = { relative: 1e-4, zero: 3e-6 };

/** For float64 throughout. PyTorch differs from itself by 2e-13 when it adds in another order. */
export const float64: SummaryTolerance = { relative: 1e-9, zero: 1e-12 };

/** Sums in float64, whatever the tensor's type. */
export function summarize(data: Float32Array | Float64Array): TensorSummary {
  let squares = 0;
  let projection = 0;
  data.forEach((value, i) => {
    squares += value * value;
    projection += value * Math.cos(i);
  });
  return [Math.sqrt(squares), projection];
}

export function expectSummary(
  [norm, projection]: TensorSummary,
  [expected, expectedProjection]: TensorSummary,
  name: string,
  { relative, zero }: SummaryTolerance = float32,
): void {
  const tolerance = relative * expected + zero;
  expect(Math.abs(norm - expected), `norm of ${name}: ${norm}, PyTorch ${expected}`).toBeLessThan(tolerance);
  const message = `projection of ${name}: ${projection}, PyTorch ${expectedProjection}, norm ${expected}`;
  expect(Math.abs(projection - expectedProjection), message).toBeLessThan(tolerance);
}
