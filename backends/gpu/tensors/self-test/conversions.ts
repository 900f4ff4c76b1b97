import { fromHalf, toHalf } from '../../../../src/core/half.ts';
import { distanceOf, type Outcome } from '../../../reference/tensors/compare.ts';
import { callOf, type KnownTensor, known, tensor, zeros } from '../../../reference/tensors/known-tensor.ts';
import type { Tier } from '../../../tensor-kernels/kernel-form.ts';
import { load } from '../../../tensor-kernels/lazy.ts';
import { materialize } from '../../../tensor-kernels/materialize/materialize.ts';
import { type View, viewOf } from '../../../tensor-kernels/tensor.ts';
import type { TensorCall } from '../../../tensor-kernels/tensor-kernel.ts';

/** Calls that show whether float16 is written and read as src/core/half.ts does, to the bit. */
export const conversionCalls = (tier: Tier): TensorCall[] =>
  tier === 'float32' ? [readingCall('f16')] : [roundingCall(), readingCall('store'), readingCall('f16')];

/**
 * Only stored values are checked. Where a shader rounds a value and uses it at once, Mesa leaves the rounding out, which makes
 * results no worse.
 */
function roundingCall(): TensorCall {
  const values = valuesToRound();
  return copyCall('rounding', viewOf(values), zeros('out', 'store', values.size));
}

const HALVES = 65_536;

const readingCall = (element: 'store' | 'f16'): TensorCall =>
  copyCall(`reading ${element}`, tensor('halves', element, HALVES, fromHalf), zeros('out', 'f32', HALVES));

const copyCall = (label: string, from: View, out: View): TensorCall => ({
  ...callOf(materialize, { x: load(from), out }, { rows: out.size / 4, c4: 1, sampleRows: 1 }),
  label,
});

/** The first value that was not rounded or read as it should be, in words. */
export function wrongConversion({ reference, actual: values }: Outcome): string | undefined {
  for (const [i, value] of reference.entries()) {
    const expected = fromHalf(toHalf(value));
    const actual = values[i] as number;
    if (distanceOf(actual, expected) > 0) return `${value} becomes ${actual} in place of ${expected}`;
  }
  return undefined;
}

const INFINITY = 0x7c00;

/** All numbers of float16, those half way to the next, and their neighbours in float32; all beyond is infinite. */
function valuesToRound(): KnownTensor {
  const positive = new Float64Array(4 * INFINITY + large.length);
  for (let half = 0; half < INFINITY; half++) {
    const value = fromHalf(half);
    // the next after the largest would be 65,536
    const next = half + 1 === INFINITY ? 2 ** 16 : fromHalf(half + 1);
    const middle = (value + next) / 2;
    positive.set([value, neighbourOf(middle, -1), middle, neighbourOf(middle, 1)], 4 * half);
  }
  positive.set(large, 4 * INFINITY);
  const values = new Float64Array(2 * positive.length);
  values.set(positive);
  values.set(
    positive.map((value) => -value),
    positive.length,
  );
  return known('values to round', 'f32', values);
}

/** As many as fill two groups of 4. */
const large = [2 ** 16, 1e5, 2 ** 17, 1e6, 1e30, 3e38, Number.POSITIVE_INFINITY, Number.NaN];

const floats = new Float32Array(1);
const words = new Uint32Array(floats.buffer);

/** The next float32 above or below a positive one. */
function neighbourOf(value: number, direction: 1 | -1): number {
  floats[0] = value;
  words[0] = (words[0] as number) + direction;
  return floats[0] as number;
}
