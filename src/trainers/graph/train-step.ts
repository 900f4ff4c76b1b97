import { lossScaleState } from '../../../backends/tensor-kernels/loss-scale/state.ts';
import type { StepNumbers } from '../../../backends/tensor-kernels/program.ts';
import { viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { Batch } from '../../core/batch.ts';
import type { LossScaleReport, TrainStepOptions, TrainStepResult } from '../../core/trainer.ts';
import type { StepProgram } from '../../graph/plan/programs.ts';
import { checkTargets } from '../recipe/batch-input.ts';
import { drawMasks } from '../recipe/masks.ts';
import { type BatchShape, provideImages, provideTargets, shapeOfBatch } from './batch-inputs.ts';
import { checkNotExact } from './exact-evaluation.ts';
import type { GraphSession } from './session.ts';
import { lossScaleIn, provideWeights } from './state.ts';

/** A driver's watchdog may end a command buffer that takes seconds. */
const SECONDS_PER_BUFFER = 0.2;

/** Forward, backward and, where asked for, the update. One small read tells how it went. */
export async function trainStep(
  session: GraphSession,
  batch: Batch,
  options: TrainStepOptions,
): Promise<TrainStepResult> {
  const shape = checkBatch(session, batch, 'trainStep');
  const { program, prepared } = await session.stepOf(shape, options.fixedStatistics);
  await provideBatch(session, program, batch, options.step);
  const { executor, parameters } = session;
  const began = performance.now();
  const numbers = numbersOf(session, options);
  if (!session.hasGradients) session.change(['clear']);
  executor.run(prepared, ['step'], numbers, session.commandBuffers);
  applyGradients(session, options.apply, numbers);
  const [losses, state] = await executor.read([program.losses, viewOf(parameters.state)]);
  noteSeconds(session, began);
  const all = new Float32Array(losses as ArrayBuffer);
  return {
    loss: meanOf(all),
    ...(options.losses && { losses: all }),
    ...lossScaleOf(session, new Float32Array(state as ArrayBuffer), options.apply),
  };
}

/** Throws where the batch cannot be trained on. @param method which was asked for that */
export function checkBatch(session: GraphSession, batch: Batch, method: string): BatchShape {
  checkNotExact(session.options, method, 'which trains nothing');
  session.checkCalibrated();
  checkTargets(batch, session.model.classes, session.options.settings.loss ?? 'cross-entropy');
  return shapeOfBatch(batch);
}

/** Gives a program all it reads. @param firstRow place of the batch's first row in the step's */
export async function provideBatch(
  session: GraphSession,
  { inputs }: Pick<StepProgram, 'inputs'>,
  batch: Batch,
  step: number,
  firstRow?: number,
): Promise<void> {
  provideWeights(session);
  const { executor, model, device } = session;
  const { seed, settings } = session.options;
  const masks = drawMasks(model, seed, step, batch.labels.length, settings.stochasticDepth, firstRow);
  provideTargets(executor, inputs, batch, masks, { classes: model.classes, settings });
  await provideImages(executor, inputs, batch, device);
}

export const numbersOf = (
  { options: { settings } }: GraphSession,
  { learningRate, lossScale, step }: TrainStepOptions,
): StepNumbers => ({
  learningRate,
  bodyLearningRate: (settings.bodyRate ?? 1) * learningRate,
  lossFactor: lossScale,
  averageDecay: Math.min(settings.emaDecay ?? 0, (1 + step) / (10 + step)),
});

/** Ends a step whose gradients are there: by an update, or they wait. */
export function applyGradients(session: GraphSession, apply: boolean, numbers: StepNumbers): void {
  session.change([...(apply ? (['update'] as const) : []), 'average'], numbers);
  session.hasGradients = !apply;
  session.hasMemory ||= apply;
}

/** Chooses how many command buffers the next step has, by what this one took. */
export function noteSeconds(session: GraphSession, began: number): void {
  const seconds = (performance.now() - began) / 1000;
  session.commandBuffers = Math.max(1, Math.ceil(seconds / SECONDS_PER_BUFFER));
}

export const meanOf = (losses: Float32Array): number =>
  losses.reduce((sum, one) => sum + one, 0) / losses.length;

/** What became of the loss scale, by the state that was read after a step; nothing where none is kept. */
export function lossScaleOf(
  { isMixed }: GraphSession,
  state: Float32Array,
  apply: boolean,
): { readonly lossScale?: LossScaleReport } {
  if (!isMixed) return {};
  const { scale, skipped } = lossScaleIn(state);
  return { lossScale: { scale, skipped, isSkipped: apply && state[lossScaleState.isSkipped] !== 0 } };
}
