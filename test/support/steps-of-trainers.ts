import type { Batch } from '../../src/core/batch.ts';
import { partsOf } from '../../src/core/batch-part.ts';
import type { PartOptions, Trainer, TrainStepOptions, TrainStepResult } from '../../src/core/trainer.ts';
import { TreeSum } from './tree-sum.ts';

/** A trainer that trains in parts. */
export type PartTrainer<Model = unknown> = Trainer<Model> &
  Required<Pick<Trainer<Model>, 'contribution' | 'applySum'>>;

/** A step whose parts are computed by so many trainers, each a contiguous share: what each of them gives. */
export async function stepOfTrainers(
  trainers: readonly PartTrainer[],
  batch: Batch,
  parts: number,
  options: TrainStepOptions,
): Promise<TrainStepResult[]> {
  const rows = batch.labels.length / parts;
  const sums = trainers.map(() => new TreeSum());
  for (const [part, one] of partsOf(batch, rows).entries()) {
    const rank = Math.floor((part * trainers.length) / parts);
    const vector = await contribute(trainers[rank] as PartTrainer, one, {
      ...options,
      parts,
      firstRow: part * rows,
    });
    sums[rank]?.add(vector);
  }
  const tree = new TreeSum();
  for (const sum of sums) tree.add(sum.take());
  const sum = tree.take();
  return Promise.all(trainers.map((trainer) => trainer.applySum(sum.slice(), { ...options, parts })));
}

/** A part's vector, kept; the trainer's is written over, as its caller may. */
export async function contribute(
  trainer: PartTrainer,
  part: Batch,
  options: PartOptions,
): Promise<Float32Array> {
  const { vector } = await trainer.contribution(part, options);
  const kept = vector.slice();
  vector.fill(Number.NaN);
  return kept;
}
