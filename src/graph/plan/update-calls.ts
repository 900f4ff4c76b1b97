import { copyWeights } from '../../../backends/tensor-kernels/copy-weights/copy-weights.ts';
import { finiteCheck } from '../../../backends/tensor-kernels/finite-check/finite-check.ts';
import { gradientsWithin } from '../../../backends/tensor-kernels/gradients-within/gradients-within.ts';
import { lossScale } from '../../../backends/tensor-kernels/loss-scale/loss-scale.ts';
import { movingAverage } from '../../../backends/tensor-kernels/moving-average/moving-average.ts';
import { quantizeWeights } from '../../../backends/tensor-kernels/quantize-weights/quantize-weights.ts';
import { rmsprop } from '../../../backends/tensor-kernels/rmsprop/rmsprop.ts';
import { sgd } from '../../../backends/tensor-kernels/sgd/sgd.ts';
import { type Tensor, viewOf } from '../../../backends/tensor-kernels/tensor.ts';
import type { TensorCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import type { TrainingSettings } from '../../core/trainer.ts';
import {
  type ParameterPlan,
  type ParameterSet,
  piecesOf,
  type Stretch,
  viewOfPiece,
} from './parameter-plan.ts';
import type { Piece } from './placed-parameter.ts';
import type { RangePlan } from './range-plan.ts';

const work = 'update';

/**
 * One update of all weights that learn; in mixed precision after a check that all gradients are finite, and followed by the loss
 * scale's. Weights with ranges have gradients within them alone, and are rounded anew.
 */
export function updateCalls(
  plan: ParameterPlan,
  settings: TrainingSettings,
  growthInterval: number | undefined,
): TensorCall[] {
  const { gradients, flag, state, stretches } = plan;
  const isScaled = growthInterval !== undefined;
  const pieces = stretches.flatMap((stretch) =>
    piecesOf(stretch, plan).map((piece) => ({ ...piece, stretch })),
  );
  const check = (piece: Piece): TensorCall => ({
    ...{ kernel: finiteCheck, label: 'gradients', work },
    operands: { gradients: viewOfPiece(gradients, piece), flag: viewOf(flag) },
    parameters: { size4: piece.size / 4 },
  });
  const scale = (interval: number): TensorCall => ({
    ...{ kernel: lossScale, label: 'loss scale', work },
    operands: { flag: viewOf(flag), state: viewOf(state) },
    parameters: { growthInterval: interval },
  });
  const updates = pieces.map((piece) => optimizerCall(plan, piece, settings, isScaled));
  if (plan.ranges !== undefined)
    return [...gradientsWithinCalls(plan, pieces, plan.ranges), ...updates, ...copyCalls(plan, plan.weights)];
  return isScaled ? [...pieces.map(check), ...updates, scale(growthInterval)] : updates;
}

const gradientsWithinCalls = (
  plan: ParameterPlan,
  pieces: readonly Piece[],
  { reciprocals, levels }: RangePlan,
): TensorCall[] =>
  pieces.map((piece) => ({
    ...{ kernel: gradientsWithin, label: 'gradients', work },
    operands: {
      weights: viewOfPiece(plan.weights.values, piece),
      reciprocals: viewOfPiece(reciprocals, piece),
      gradients: viewOfPiece(plan.gradients, piece),
    },
    parameters: { size4: piece.size / 4, limit: levels + 0.5 },
  }));

function optimizerCall(
  plan: ParameterPlan,
  { stretch, ...piece }: Piece & { readonly stretch: Stretch },
  settings: TrainingSettings,
  isScaled: boolean,
): TensorCall {
  const { weights, gradients, memories, flag, state } = plan;
  const { weightDecay, momentum, nesterov = false, rmspropAlpha, rmspropEpsilon } = settings;
  const view = (tensor: Tensor) => viewOfPiece(tensor, piece);
  const memory = (name: string) => view(memories.get(name) as Tensor);
  const operands = {
    ...{ weights: view(weights.values), gradients: view(gradients), velocity: memory('momentum_buffer') },
    ...(plan.isMixed && { copy: view(weights.copies) }),
    ...(isScaled && { flag: viewOf(flag), state: viewOf(state) }),
  };
  const decayedHere = Math.min(piece.size, Math.max(0, stretch.offset + stretch.decayed - piece.offset));
  const parameters = {
    ...{ size4: piece.size / 4, decayed4: decayedHere / 4, weightDecay, momentum },
    learningRate: stretch.rate,
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

/** Running statistics are averaged too; what does not learn is its own average. */
export function averageCalls(plan: ParameterPlan): TensorCall[] {
  const { weights, average, learning } = plan;
  if (average === undefined) return [];
  return (['values', 'running'] as const).flatMap((part) =>
    piecesOf({ offset: 0, size: learning[part] }, plan).map((piece) => ({
      ...{ kernel: movingAverage, label: average[part].name, work },
      operands: {
        average: viewOfPiece(average[part], piece),
        values: viewOfPiece(weights[part], piece),
      },
      parameters: { size4: piece.size / 4, averageDecay: 'averageDecay' as const },
    })),
  );
}

/** Rounds a set's weights to its copies, where it has any. */
export function copyCalls(plan: ParameterPlan, set: ParameterSet): TensorCall[] {
  const { values, copies } = set;
  if (copies === values) return [];
  if (plan.ranges !== undefined) return quantizeCalls(plan, set, plan.ranges);
  return piecesOf({ offset: 0, size: values.size }, plan).map((piece) => ({
    ...{ kernel: copyWeights, label: copies.name, work },
    operands: { weights: viewOfPiece(values, piece), copy: viewOfPiece(copies, piece) },
    parameters: { size4: piece.size / 4 },
  }));
}

const quantizeCalls = (
  plan: ParameterPlan,
  { values, copies }: ParameterSet,
  { scales, reciprocals, levels }: RangePlan,
): TensorCall[] =>
  piecesOf({ offset: 0, size: values.size }, plan).map((piece) => ({
    ...{ kernel: quantizeWeights, label: copies.name, work },
    operands: {
      weights: viewOfPiece(values, piece),
      scales: viewOfPiece(scales, piece),
      reciprocals: viewOfPiece(reciprocals, piece),
      copy: viewOfPiece(copies, piece),
    },
    parameters: { size4: piece.size / 4, levels },
  }));
