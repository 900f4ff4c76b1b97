import { lossScaleState } from '../../../backends/tensor-kernels/loss-scale/state.ts';
import { viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { Batch } from '../../core/batch.ts';
import type { TrainingSettings, TrainStepOptions, TrainStepResult } from '../../core/trainer.ts';
import { drawMasks } from '../recipe/masks.ts';
import { checkTargets, provideImages, provideTargets, shapeOfBatch } from './batch-inputs.ts';
import type { GraphSession } from './session.ts';
import { lossScaleIn, provideWeights } from './state.ts';

/** A driver's watchdog may end a command buffer that takes seconds. */
const SECONDS_PER_PART = 0.2;

/** Forward, backward and, where asked for, the update. One small read tells how it went. */
export async function trainStep(
  session: GraphSession,
  batch: Batch,
  options: TrainStepOptions,
): Promise<TrainStepResult> {
  session.checkCalibrated();
  checkTargets(batch, session.model.classes);
  const { program, prepared } = await session.stepOf(shapeOfBatch(batch), options.fixedStatistics);
  provideWeights(session);
  const { executor, model, device, parameters } = session;
  const { seed, settings } = session.options;
  const masks = drawMasks(model, seed, options.step, batch.labels.length, settings.stochasticDepth);
  provideTargets(executor, program.inputs, batch, masks);
  await provideImages(executor, program.inputs, batch, device);
  const began = performance.now();
  const numbers = numbersOf(options, settings);
  if (!session.hasGradients) session.change(['clear']);
  executor.run(prepared, ['step'], numbers, session.parts);
  session.change([...(options.apply ? ['update' as const] : []), 'average'], numbers);
  session.hasGradients = !options.apply;
  session.hasMemory ||= options.apply;
  const [losses, state] = await executor.read([program.losses, viewOf(parameters.state)]);
  const seconds = (performance.now() - began) / 1000;
  session.parts = Math.max(1, Math.ceil(seconds / SECONDS_PER_PART));
  return resultOf(
    session,
    new Float32Array(losses as ArrayBuffer),
    new Float32Array(state as ArrayBuffer),
    options,
  );
}

const numbersOf = (
  { learningRate, lossScale, step }: TrainStepOptions,
  { emaDecay = 0, bodyRate = 1 }: TrainingSettings,
) => ({
  learningRate,
  bodyLearningRate: bodyRate * learningRate,
  lossFactor: lossScale,
  averageDecay: Math.min(emaDecay, (1 + step) / (10 + step)),
});

function resultOf(
  { isMixed }: GraphSession,
  losses: Float32Array,
  state: Float32Array,
  { losses: wantsLosses = false, apply }: TrainStepOptions,
): TrainStepResult {
  const loss = losses.reduce((sum, one) => sum + one, 0) / losses.length;
  const { scale, skipped } = lossScaleIn(state);
  const isSkipped = apply && state[lossScaleState.isSkipped] !== 0;
  return {
    loss,
    ...(wantsLosses && { losses }),
    ...(isMixed && { lossScale: { scale, skipped, isSkipped } }),
  };
}
