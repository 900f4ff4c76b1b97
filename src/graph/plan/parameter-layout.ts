import type { Shape } from '../node.ts';
import type { PlacedParameter } from './parameter-plan.ts';

/** A parameter's values as they lie on a device, from those in PyTorch's layout. */
export function toDevice({ shape, layout, size }: PlacedParameter, values: Float32Array): Float32Array {
  const placed = new Float32Array(size);
  if (layout === 'outputsLast')
    forEachTap(shape, (tap, outputsLast) => (placed[outputsLast] = at(values, tap)));
  else placed.set(values);
  return placed;
}

/** A parameter's values in PyTorch's layout, from those on a device. */
export function fromDevice({ shape, layout }: PlacedParameter, placed: Float32Array): Float32Array {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (layout === 'outputsLast')
    forEachTap(shape, (tap, outputsLast) => (values[tap] = at(placed, outputsLast)));
  else values.set(placed.subarray(0, values.length));
  return values;
}

/** Of a filter [o, i, h, w]: the index of each value in that layout, and in [h, w, i, o]. */
function forEachTap([o = 0, i = 0, h = 0, w = 0]: Shape, visit: (tap: number, outputsLast: number) => void) {
  let tap = 0;
  for (let output = 0; output < o; output++)
    for (let input = 0; input < i; input++)
      for (let pixel = 0; pixel < h * w; pixel++) visit(tap++, (pixel * i + input) * o + output);
}

const at = (values: Float32Array, i: number): number => values[i] as number;
