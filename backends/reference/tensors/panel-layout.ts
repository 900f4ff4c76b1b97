import { placeInPanels } from '../../tensor-kernels/panels.ts';
import type { View } from '../../tensor-kernels/tensor.ts';
import type { TensorCall } from '../../tensor-kernels/tensor-kernel.ts';
import type { KnownTensor } from './known-tensor.ts';

/** Outputs and inputs of weights, one or more after each other, that an executor has in panels. */
export type Panels = readonly [outputs: number, inputs: number];

/** The tensors of calls that lie in panels. */
export function panelsOf(calls: readonly TensorCall[]): Map<KnownTensor, Panels> {
  const found = new Map<KnownTensor, Panels>();
  for (const { kernel, operands, parameters } of calls) {
    for (const [name, sizes] of Object.entries(kernel.wasm.panels ?? {})) {
      const view = operands[name] as View | undefined;
      const [outputs = 0, inputs = 0] = sizes.map((size) => 4 * (parameters[String(size)] as number));
      if (view !== undefined) found.set(view.tensor as KnownTensor, [outputs, inputs]);
    }
  }
  return found;
}

/** Values as they lie in panels; without any: themselves. */
export function placed(values: Float64Array, panels: Panels | undefined): Float64Array {
  if (panels === undefined) return values;
  const result = new Float64Array(values.length);
  for (const [i, value] of values.entries()) result[placeOf(i, panels)] = value;
  return result;
}

export function unplaced(values: Float64Array, panels: Panels | undefined): Float64Array {
  return panels === undefined ? values : values.map((_, i) => values[placeOf(i, panels)] as number);
}

function placeOf(i: number, [outputs, inputs]: Panels): number {
  const matrix = Math.floor(i / (outputs * inputs));
  const [output, input] = [Math.floor(i / inputs) % outputs, i % inputs];
  return matrix * outputs * inputs + placeInPanels(output, input, outputs, inputs);
}
