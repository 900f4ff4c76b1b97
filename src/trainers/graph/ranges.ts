import { rangeOf } from '../../../backends/tensor-kernels/range.ts';
import { type View, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { NamedTensor, TensorMap } from '../../core/trainer.ts';
import { toDevice } from '../../graph/plan/parameter-layout.ts';
import type { PlacedParameter } from '../../graph/plan/placed-parameter.ts';
import type { RangePlan } from '../../graph/plan/range-plan.ts';
import { sizeOf } from '../../models/parameters.ts';
import { rangeNames } from '../recipe/range-checks.ts';
import type { GraphSession } from './session.ts';

/** Writes the ranges of a state to the device. @param ranges undefined: there are none, and steps are refused */
export function writeRanges(session: GraphSession, ranges: TensorMap | undefined): void {
  const { parameters, executor } = session;
  session.ranges = ranges;
  if (parameters.ranges === undefined) return;
  for (const [view, values] of placedRanges(parameters.ranges, ranges)) executor.write(view, values);
}

/** The numbers that a device has of ranges, and where. Without ranges no weight is rounded. */
export function placedRanges(
  { points, weights, scales, reciprocals, levels }: RangePlan,
  ranges: TensorMap | undefined,
): (readonly [View, Float32Array<ArrayBuffer>])[] {
  const ofScales = new Float32Array(scales.size);
  const ofReciprocals = new Float32Array(reciprocals.size);
  const ofWeights = [
    [viewOf(scales), ofScales],
    [viewOf(reciprocals), ofReciprocals],
  ] as const;
  if (ranges === undefined) return [...ofWeights];
  for (const [name, parameter] of weights) {
    const { data } = ranges[rangeNames.weight(name)] as NamedTensor;
    const numbers = [...data].map((largest) => rangeOf(largest, levels));
    spread(
      parameter,
      numbers.map(([scale]) => scale),
      ofScales,
    );
    spread(
      parameter,
      numbers.map(([, reciprocal]) => reciprocal),
      ofReciprocals,
    );
  }
  const ofPoints = [...points].map(([point, view]) => {
    const [largest = 0] = (ranges[rangeNames.point(point)] as NamedTensor).data;
    return [view, Float32Array.from(rangeOf(largest, levels))] as const;
  });
  return [...ofWeights, ...ofPoints];
}

/** Writes each output's number for all its weights, as they lie on the device. */
function spread(parameter: PlacedParameter, ofOutputs: readonly number[], placed: Float32Array): void {
  const { shape, offset, size } = parameter;
  const inputs = sizeOf(shape.slice(1));
  const values = Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => ofOutputs[Math.floor(i / inputs)] as number,
  );
  toDevice(parameter, values, placed.subarray(offset, offset + size));
}
