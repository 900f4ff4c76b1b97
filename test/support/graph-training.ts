import type { Batch } from '../../src/core/batch.ts';
import type { TensorMap, Trainer, TrainerState, TrainStepResult } from '../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import { blendedBy } from './blended-by.ts';
import { type BatchParts, makeBatch, trainingSettings } from './trainers.ts';

// blocks and features are dropped, and the batch is no multiple of anything
export const model = efficientNet({
  ...{ width: 0.125, depth: 0.25, resolution: 16, classes: 3, finalSurvival: 0.5 },
});
const rows = 5;
export const batchOf = (step: number): Batch =>
  makeBatch({
    images: Float32Array.from({ length: rows * 16 * 16 * 3 }, (_, i) => Math.sin(i + 17 * step)),
    shape: [rows, 16, 16, 3],
    labels: Int32Array.from({ length: rows }, (_, row) => (row + step) % 3),
    mixing: blendedBy(
      0.7,
      Int32Array.from({ length: rows }, (_, row) => row % 3),
    ),
  });
export const settings = { ...trainingSettings, optimizer: 'rmsprop', emaDecay: 0.9 } as const;

/** Micro-steps, of which each second updates the weights. */
export async function run(
  trainer: Trainer<EfficientNet>,
  from: number,
  to: number,
): Promise<TrainStepResult[]> {
  const results: TrainStepResult[] = [];
  for (let step = from; step < to; step++) {
    const options = { learningRate: 0.01, apply: step % 2 === 1, lossScale: 0.5, step, losses: true };
    results.push(await trainer.trainStep(batchOf(step), options));
  }
  return results;
}

export const trainable = (weights: TensorMap): TensorMap => namedIn(weights, false);
/** Running statistics. */
export const running = (weights: TensorMap): TensorMap => namedIn(weights, true);

const namedIn = (weights: TensorMap, isRunning: boolean): TensorMap =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => name.includes('running_') === isRunning));

/** Images of any number and size; `factor` makes others. */
export function partsOf(rows: number, height: number, { width = height, factor = 1 } = {}): BatchParts {
  const length = rows * height * width * 3;
  return {
    images: Float32Array.from({ length }, (_, i) => factor * Math.sin(i)),
    shape: [rows, height, width, 3],
    labels: Int32Array.from({ length: rows }, (_, row) => row % 3),
    dtype: 'float16',
  };
}

/** Of a step: what it says, and the state after it. */
export async function results(
  trainer: Trainer<EfficientNet>,
  batch: Batch,
  after = () => {},
): Promise<{ result: TrainStepResult; state: TrainerState }> {
  const options = { learningRate: 0.05, apply: true, lossScale: 1, step: 0 };
  const result = await trainer.trainStep(batch, options);
  after();
  return { result, state: await trainer.state() };
}
