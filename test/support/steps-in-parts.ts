import type { Batch } from '../../src/core/batch.ts';
import { partsOf } from '../../src/core/batch-part.ts';
import type { PartOptions, TrainStepOptions, TrainStepResult } from '../../src/core/trainer.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { blendedBy } from './blended-by.ts';
import type { PartTrainer } from './steps-of-trainers.ts';
import { makeBatch } from './trainers.ts';
import { TreeSum } from './tree-sum.ts';

export interface PartsOfStep {
  /** A power of two. */
  readonly parts: number;
  /** In which order the parts are added up. Default: theirs. */
  readonly order?: readonly number[];
  /** Of a part of so many rows. Default: its place. */
  readonly firstRowOf?: (part: number, rows: number) => number;
  readonly onReady?: PartOptions['onReady'];
}

/** Eight images for the model of graph-training.ts, mixed in pairs: 1, 2, 4 or 8 parts. */
export function wholeBatch(step: number, rows = 8, factor = 1): Batch {
  return makeBatch({
    images: Float32Array.from({ length: rows * 16 * 16 * 3 }, (_, i) => factor * Math.sin(i + 17 * step)),
    shape: [rows, 16, 16, 3],
    labels: Int32Array.from({ length: rows }, (_, row) => (row + step) % 3),
    mixing: blendedBy(
      0.7,
      Int32Array.from({ length: rows }, (_, row) => ((row ^ 1) + step) % 3),
    ),
  });
}

/** The sum of what these parts of a batch contribute, as a tree has it. */
export async function sumOf(
  trainer: PartTrainer<EfficientNet>,
  batch: Batch,
  options: TrainStepOptions,
  { parts, order = [...Array(parts).keys()], firstRowOf = (part, rows) => part * rows, onReady }: PartsOfStep,
): Promise<Float32Array> {
  const rows = batch.labels.length / parts;
  const all = partsOf(batch, rows);
  const tree = new TreeSum();
  for (const part of order) {
    const place = { parts, firstRow: firstRowOf(part, rows), ...(onReady && { onReady }) };
    const { vector } = await trainer.contribution(all[part] as Batch, { ...options, ...place });
    tree.add(vector.slice());
  }
  return tree.take();
}

/** A step of a batch in parts. */
export async function stepInParts(
  trainer: PartTrainer<EfficientNet>,
  batch: Batch,
  options: TrainStepOptions,
  parts: PartsOfStep,
): Promise<TrainStepResult> {
  const sum = await sumOf(trainer, batch, options, parts);
  return trainer.applySum(sum, { ...options, parts: parts.parts });
}

/** Of micro-steps, of which each second updates the weights. */
export const optionsOf = (step: number): TrainStepOptions => ({
  ...{ learningRate: 0.01, apply: step % 2 === 1, lossScale: 0.5, step },
});

/** Micro-steps in parts. */
export async function runInParts(
  trainer: PartTrainer<EfficientNet>,
  from: number,
  to: number,
  parts: PartsOfStep,
): Promise<TrainStepResult[]> {
  const results: TrainStepResult[] = [];
  for (let step = from; step < to; step++)
    results.push(await stepInParts(trainer, wholeBatch(step), optionsOf(step), parts));
  return results;
}
