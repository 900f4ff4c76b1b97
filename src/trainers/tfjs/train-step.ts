import type { Tensor } from '@tensorflow/tfjs';
import type { Batch } from '../../core/batch.ts';
import type { Contribution, PartOptions, TrainStepOptions, TrainStepResult } from '../../core/trainer.ts';
import { checkSum } from '../recipe/sum-checks.ts';
import { type ComputedStep, type ComputeOptions, computeStep, type Observations } from './compute-step.ts';
import { fetchImages } from './image-tensors.ts';
import { makeStep } from './make-step.ts';
import type { Session } from './session.ts';
import { joinValues, splitSum, vectorLength } from './step-vector.ts';
import { compute } from './tensorflow.ts';
import { checkStep } from './unsupported.ts';

/** Forward, backward, running statistics and, where asked for, the update. */
export async function trainStep(
  session: Session,
  batch: Batch,
  options: TrainStepOptions,
): Promise<TrainStepResult> {
  const { values, losses } = await computeRows(session, batch, options, (computed) => {
    makeStep(session, computed, options);
    return [computed.loss];
  });
  return { loss: values[0]?.[0] as number, ...(losses && { losses }) };
}

/** Forward and backward of a part; nothing is changed by it. */
export async function contribution(
  session: Session,
  part: Batch,
  options: PartOptions,
): Promise<Contribution> {
  const { values, losses } = await computeRows(session, part, options, (computed) => [
    ...computed.gradients,
    ...computed.statistics,
    computed.loss,
  ]);
  return { vector: joinValues(values), ...(losses && { losses }) };
}

/** The update of a step whose parts' vectors have this sum. */
export async function applySum(
  session: Session,
  sum: Float32Array,
  options: Omit<PartOptions, 'firstRow' | 'onReady'>,
): Promise<TrainStepResult> {
  checkStep(options);
  checkSum('tfjs', sum, vectorLength(session), options.parts);
  compute(session.tensorflow, () => makeStep(session, splitSum(session, sum, options.parts), options));
  return { loss: (sum.at(-1) as number) / options.parts };
}

interface ComputedRows {
  /** Of the tensors asked for. */
  readonly values: readonly Float32Array[];
  readonly losses: Float32Array | undefined;
}

/** Computes what rows give, and fetches the tensors that `use` makes of it. */
async function computeRows(
  session: Session,
  batch: Batch,
  options: ComputeOptions,
  use: (computed: ComputedStep) => Tensor[],
): Promise<ComputedRows> {
  checkStep(options);
  const { tensorflow } = session;
  const observed: Observations = { batchNorms: [] };
  const images = await fetchImages(tensorflow, batch);
  try {
    const tensors = compute(tensorflow, () => use(computeStep(session, images(), batch, options, observed)));
    const fetching = Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
    const [values, losses] = await Promise.all([fetching, observed.losses?.data<'float32'>()]);
    tensorflow.tf.dispose(tensors);
    return { values, losses };
  } finally {
    for (const { statistics } of observed.batchNorms)
      tensorflow.tf.dispose([statistics.mean, statistics.variance]);
    observed.losses?.dispose();
  }
}
