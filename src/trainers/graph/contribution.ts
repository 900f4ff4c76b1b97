import { viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { Batch } from '../../core/batch.ts';
import type { Contribution, PartOptions, TrainStepResult } from '../../core/trainer.ts';
import { checkSum } from '../recipe/sum-checks.ts';
import { checkNotExact } from './exact-evaluation.ts';
import { readingsOf } from './part-readings.ts';
import type { GraphSession } from './session.ts';
import { provideWeights } from './state.ts';
import {
  applyGradients,
  checkBatch,
  lossScaleOf,
  meanOf,
  noteSeconds,
  numbersOf,
  provideBatch,
} from './train-step.ts';

/**
 * What the gradients and running statistics would be after a step whose batch is the part: gradients that wait are in them, so that
 * their mean over the parts takes the place of those. Then the mean loss. As they lie on the device, and what learns alone.
 */
export async function contribution(
  session: GraphSession,
  part: Batch,
  options: PartOptions,
): Promise<Contribution> {
  const shape = checkBatch(session, part, 'contribution');
  const { program, prepared } = await session.partOf(shape, options.fixedStatistics);
  await provideBatch(session, program, part, options.step, options.firstRow);
  const { executor, hasGradients } = session;
  const began = performance.now();
  const numbers = numbersOf(session, options);
  executor.run(prepared, [hasGradients ? 'waiting' : 'fresh'], numbers);
  const [vector, losses] = [session.vector(), new Float32Array(program.losses.size)];
  const { onReady } = options;
  const buckets = onReady && executor.overlaps ? program.buckets : [];
  const readings = readingsOf(session, program, buckets, vector, losses);
  const hear = (place: number) => {
    const bucket = buckets[place];
    if (bucket) onReady?.(vector, bucket.from, bucket.to);
  };
  await executor.runReading(prepared, 'step', numbers, readings, hear, session.commandBuffers);
  noteSeconds(session, began);
  vector[vector.length - 1] = meanOf(losses);
  return { vector, ...(options.losses && { losses }) };
}

/** Has the mean of the parts for gradients and running statistics, and ends the step. */
export async function applySum(
  session: GraphSession,
  sum: Float32Array,
  options: Omit<PartOptions, 'firstRow' | 'onReady'>,
): Promise<TrainStepResult> {
  checkNotExact(session.options, 'applySum', 'which trains nothing');
  const mean = session.vector();
  checkSum('graph', sum, mean.length, options.parts);
  provideWeights(session);
  // exact, since the number of parts is a power of two
  for (let i = 0; i < mean.length; i++) mean[i] = (sum[i] as number) / options.parts;
  const { executor, parameters } = session;
  const { values, running } = parameters.learning;
  executor.write(viewOf(parameters.gradients, 0, values), mean.subarray(0, values));
  executor.write(viewOf(parameters.weights.running, 0, running), mean.subarray(values, values + running));
  applyGradients(session, options.apply, numbersOf(session, options));
  const [state] = await executor.read([viewOf(parameters.state)]);
  const loss = mean[values + running] as number;
  return { loss, ...lossScaleOf(session, new Float32Array(state as ArrayBuffer), options.apply) };
}
