import { copyWeights } from '../../../backends/tensor-kernels/copy-weights/copy-weights.ts';
import { finiteCheck } from '../../../backends/tensor-kernels/finite-check/finite-check.ts';
import { lossScale } from '../../../backends/tensor-kernels/loss-scale/loss-scale.ts';
import { movingAverage } from '../../../backends/tensor-kernels/moving-average/moving-average.ts';
import { rmsprop } from '../../../backends/tensor-kernels/rmsprop/rmsprop.ts';
import { sgd } from '../../../backends/tensor-kernels/sgd/sgd.ts';
import { type Tensor, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { TensorCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import type { TrainingSettings } from '../../core/trainer.ts';
import type { ParameterPlan, ParameterSet } from './parameter-plan.ts';

const work = 'update';

/** One update of all weights; in mixed precision after a check that all gradients are finite, and followed by the loss scale's. */
export function updateCalls(
  plan: ParameterPlan,
  settings: TrainingSettings,
  growthInterval: number | undefined,
): TensorCall[] {
  const { gradients, flag, state, size } = plan;
  const isScaled = growthInterval !== undefined;
  const check: TensorCall = {
    ...{ kernel: finiteCheck, label: 'gradients', work },
    operands: { gradients: viewOf(gradients), flag: viewOf(flag) },
    parameters: { size4: size / 4 },
  };
  const scale = (interval: number): TensorCall => ({
    ...{ kernel: lossScale, label: 'loss scale', work },
    operands: { flag: viewOf(flag), state: viewOf(state) },
    parameters: { growthInterval: interval },
  });
  const update = optimizerCall(plan, settings, isScaled);
  return isScaled ? [check, update, scale(growthInterval)] : [update];
}

function optimizerCall(plan: ParameterPlan, settings: TrainingSettings, isScaled: boolean): TensorCall {
  const { weights, gradients, memories, flag, state, size, decayed } = plan;
  const { weightDecay, momentum, nesterov = false, rmspropAlpha, rmspropEpsilon } = settings;
  const memory = (name: string) => viewOf(memories.get(name) as Tensor);
  const isRounded = weights.copies !== weights.values;
  const operands = {
    ...{ weights: viewOf(weights.values), gradients: viewOf(gradients), velocity: memory('momentum_buffer') },
    ...(isRounded && { copy: viewOf(weights.copies) }),
    ...(isScaled && { flag: viewOf(flag), state: viewOf(state) }),
  };
  const parameters = {
    ...{ size4: size / 4, decayed4: decayed / 4, weightDecay, momentum },
    learningRate: 'learningRate' as const,
  };
  const common = { label: 'all weights', work };
  if (settings.optimizer === 'sgd')
    return { ...common, kernel: sgd, operands, parameters: { ...parameters, nesterov: Number(nesterov) } };
  return {
    ...common,
    kernel: rmsprop,
    operands: { ...operands, square: memory('square_avg') },
    parameters: { ...parameters, alpha: rmspropAlpha, epsilon: rmspropEpsilon },
  };
}

/** Running statistics are averaged too. */
export function averageCalls({ weights, average }: ParameterPlan): TensorCall[] {
  if (average === undefined) return [];
  return (['values', 'running'] as const).map((part) => ({
    ...{ kernel: movingAverage, label: average[part].name, work },
    operands: { average: viewOf(average[part]), values: viewOf(weights[part]) },
    parameters: { size4: weights[part].size / 4, averageDecay: 'averageDecay' },
  }));
}

/** Rounds a set's weights to its copies, where it has any. */
export const copyCalls = ({ values, copies }: ParameterSet): TensorCall[] =>
  copies === values
    ? []
    : [
        {
          ...{ kernel: copyWeights, label: copies.name, work },
          operands: { weights: viewOf(values), copy: viewOf(copies) },
          parameters: { size4: values.size / 4 },
        },
      ];
