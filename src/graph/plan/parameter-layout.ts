import { placeInPanels } from '../../../backends/tensor-kernels/panels.ts';
import { sizeOf } from '../../models/parameters.ts';
import { paddedTo4, type Shape } from '../node.ts';
import type { PlacedParameter } from './parameter-plan.ts';

type Floats = Float32Array | Float64Array;

/** Writes a parameter's values, which are in PyTorch's layout, as they lie on a device. */
export function toDevice(parameter: PlacedParameter, values: Floats, placed: Floats): void {
  const { layout, isInPanels } = parameter;
  placed.fill(0);
  if (layout !== 'outputsLast' && !isInPanels) placed.set(values);
  else
    forEachPlace(parameter, (from, to) => {
      placed[to] = values[from] as number;
    });
}

/** Writes a parameter's values in PyTorch's layout, from those that lie on a device. */
export function fromDevice(parameter: PlacedParameter, placed: Floats, values: Floats): void {
  const { layout, isInPanels } = parameter;
  if (layout !== 'outputsLast' && !isInPanels) values.set(placed.subarray(0, values.length));
  else
    forEachPlace(parameter, (from, to) => {
      values[from] = placed[to] as number;
    });
}

/** Visits each value: its index in PyTorch's layout, and on the device. */
function forEachPlace(
  { shape, isInPanels }: PlacedParameter,
  visit: (from: number, to: number) => void,
): void {
  if (!isInPanels) {
    forEachTap(shape, visit);
    return;
  }
  const [outputs = 0, ...rest] = shape;
  const inputs = sizeOf(rest);
  for (let i = 0; i < outputs * inputs; i++)
    visit(i, placeInPanels(Math.floor(i / inputs), i % inputs, paddedTo4(outputs), inputs));
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
