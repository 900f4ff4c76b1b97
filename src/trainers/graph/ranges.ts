import { rangeOf } from '../../../backends/tensor-kernels/range.ts';
import { viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { NamedTensor, TensorMap } from '../../core/trainer.ts';
import { toDevice } from '../../graph/plan/parameter-layout.ts';
import type { PlacedParameter } from '../../graph/plan/placed-parameter.ts';
import type { RangePlan } from '../../graph/plan/range-plan.ts';
import { sizeOf } from '../../models/parameters.ts';
import { rangeNames } from '../recipe/range-checks.ts';
import type { GraphSession } from './session.ts';

/** Writes the ranges of a state to the device. @param ranges undefined: nothing is rounded until there are some */
export function writeRanges(session: GraphSession, ranges: TensorMap | undefined): void {
  const { parameters, executor } = session;
  session.ranges = ranges;
  if (parameters.ranges === undefined) return;
  const plan = parameters.ranges;
  const scales = new Float32Array(plan.scales.size);
  const reciprocals = new Float32Array(plan.reciprocals.size);
  if (ranges !== undefined) {
    writePoints(session, plan, ranges);
    for (const [name, parameter] of plan.weights) {
      const largest = (ranges[rangeNames.weight(name)] as NamedTensor).data;
      spread(
        parameter,
        largest.map((one) => rangeOf(one, plan.levels)[0]),
        scales,
      );
      spread(
        parameter,
        largest.map((one) => rangeOf(one, plan.levels)[1]),
        reciprocals,
      );
    }
  }
  executor.write(viewOf(plan.scales), scales);
  executor.write(viewOf(plan.reciprocals), reciprocals);
}

function writePoints({ executor }: GraphSession, { points, levels }: RangePlan, ranges: TensorMap): void {
  for (const [point, view] of points) {
    const [largest = 0] = (ranges[rangeNames.point(point)] as NamedTensor).data;
    executor.write(view, Float32Array.from(rangeOf(largest, levels)));
  }
}

/** Writes each output's number for all its weights, as they lie on the device. */
function spread(parameter: PlacedParameter, ofOutputs: Float32Array, placed: Float32Array): void {
  const { shape, offset, size } = parameter;
  const inputs = sizeOf(shape.slice(1));
  const values = Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => ofOutputs[Math.floor(i / inputs)] ?? 0,
  );
  toDevice(parameter, values, placed.subarray(offset, offset + size));
}
