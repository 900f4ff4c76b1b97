import { placeInPanels } from '../../../backends/tensor-kernels/panels.ts';
import { sizeOf } from '../../models/parameters.ts';
import { paddedTo4, type Shape } from '../node.ts';
import type { PlacedParameter } from './placed-parameter.ts';

type Floats = Float32Array | Float64Array;

/** Whether values lie in PyTorch's order: zeros may follow them. */
function isInOrder({ shape, layout, isInPanels }: PlacedParameter): boolean {
  if (layout === 'outputsLast' || isInPanels) return false;
  return layout !== 'factors' || inputsOf(shape) % 4 === 0;
}

const inputsOf = ([, ...rest]: Shape): number => sizeOf(rest);

/** Writes a parameter's values, which are in PyTorch's layout, as they lie on a device. */
export function toDevice(parameter: PlacedParameter, values: Floats, placed: Floats): void {
  placed.fill(0);
  if (isInOrder(parameter)) placed.set(values);
  else
    forEachPlace(parameter, (from, to) => {
      placed[to] = values[from] as number;
    });
}

/** Writes a parameter's values in PyTorch's layout, from those that lie on a device. */
export function fromDevice(parameter: PlacedParameter, placed: Floats, values: Floats): void {
  if (isInOrder(parameter)) values.set(placed.subarray(0, values.length));
  else
    forEachPlace(parameter, (from, to) => {
      values[from] = placed[to] as number;
    });
}

/** Visits each value: its index in PyTorch's layout, and on the device. */
function forEachPlace(
  { shape, layout, isInPanels }: PlacedParameter,
  visit: (from: number, to: number) => void,
): void {
  if (layout === 'outputsLast') {
    forEachTap(shape, visit);
    return;
  }
  const [outputs = 0] = shape;
  const inputs = inputsOf(shape);
  const padded = paddedTo4(inputs);
  const place = (output: number, input: number) =>
    isInPanels ? placeInPanels(output, input, paddedTo4(outputs), padded) : output * padded + input;
  for (let i = 0; i < outputs * inputs; i++) visit(i, place(Math.floor(i / inputs), i % inputs));
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
