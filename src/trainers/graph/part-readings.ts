import { viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { Reading, ValueReading } from '../../../backends/tensor-kernels/tensor-executor.ts';
import { type Stretch, stretchesBetween } from '../../core/stretches.ts';
import type { Bucket } from '../../graph/plan/buckets.ts';
import type { PartProgram } from '../../graph/plan/part-program.ts';
import type { GraphSession } from './session.ts';

/**
 * What is read of a part: buckets when they are final; in the end gradients that are in none, statistics, and losses.
 * @param vector takes gradients and statistics
 */
export function readingsOf(
  { ofPart, parameters }: Pick<GraphSession, 'ofPart' | 'parameters'>,
  { losses: view, phases }: PartProgram,
  buckets: readonly Bucket[],
  vector: Float32Array,
  losses: Float32Array,
): Reading[] {
  const { values, running } = parameters.learning;
  const gradients = ([from, to]: Stretch): ValueReading => ({
    view: viewOf(ofPart.gradients, from, to - from),
    into: vector.subarray(from, to),
  });
  const statistics = {
    view: viewOf(ofPart.running, 0, running),
    into: vector.subarray(values, values + running),
  };
  const early = buckets.map(({ from, to }): Stretch => [from, to]);
  const rest = stretchesBetween(early, values).map(gradients);
  return [
    ...buckets.map(({ from, to, after }) => ({ after, values: [gradients([from, to])] })),
    { after: phases.step.calls.length, values: [...rest, statistics, { view, into: losses }] },
  ];
}
