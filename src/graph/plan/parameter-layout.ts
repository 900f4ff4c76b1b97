import type { Shape } from '../node.ts';
import type { PlacedParameter } from './parameter-plan.ts';

type Floats = Float32Array | Float64Array;

/** Writes a parameter's values, which are in PyTorch's layout, as they lie on a device. */
export function toDevice({ shape, layout }: PlacedParameter, values: Floats, placed: Floats): void {
  placed.fill(0);
  if (layout !== 'outputsLast') placed.set(values);
  else
    forEachTap(shape, (tap, outputsLast) => {
      placed[outputsLast] = values[tap] as number;
    });
}

/** Writes a parameter's values in PyTorch's layout, from those that lie on a device. */
export function fromDevice({ shape, layout }: PlacedParameter, placed: Floats, values: Floats): void {
  if (layout !== 'outputsLast') values.set(placed.subarray(0, values.length));
  else
    forEachTap(shape, (tap, outputsLast) => {
      values[tap] = placed[outputsLast] as number;
    });
}

/** Visits each value of a filter: its index in [o, i, h, w], and in [h, w, i, o]. */
function forEachTap(
  [o = 0, i = 0, h = 0, w = 0]: Shape,
  visit: (tap: number, outputsLast: number) => void,
): void {
  let tap = 0;
  for (let output = 0; output < o; output++)
    for (let input = 0; input < i; input++)
      for (let pixel = 0; pixel < h * w; pixel++) visit(tap++, (pixel * i + input) * o + output);
}
