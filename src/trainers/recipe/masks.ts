import { randomFor } from '../../core/random.ts';
import type { StochasticDepth } from '../../core/trainer.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';

/** What one step drops, as factors: 0, or 1 / (probability of keeping). */
export interface Masks {
  /** A factor for each row, by the names of the blocks that may be dropped (stochastic depth). */
  readonly survival: ReadonlyMap<string, Float32Array>;
  /** [rows, features]; undefined where the model drops no features. */
  readonly dropout: Float32Array | undefined;
}

/**
 * Depends on seed, step and row only: not on the batch a row is in, nor on its size. With `stochasticDepth` 'batch' every
 * row has the factors of the first, as the reference drops a block for a whole batch or not at all; dropout is the same.
 *
 * @param firstRow place of the first of these rows in the step's batch, of which they may be a part
 */
export function drawMasks(
  model: EfficientNet,
  seed: number,
  step: number,
  rows: number,
  stochasticDepth: StochasticDepth = 'sample',
  firstRow = 0,
): Masks {
  const droppable = model.blocks.filter((block) => block.survival < 1);
  const survival = new Map(droppable.map(({ name }) => [name, new Float32Array(rows)]));
  const features = model.classifier.inFeatures;
  const dropout = model.dropout > 0 ? new Float32Array(rows * features) : undefined;
  for (let row = 0; row < rows; row++) {
    const rng = randomFor(seed, 0, step, firstRow + row, 'dropout');
    for (const { name, survival: probability } of droppable) {
      const factors = survival.get(name) as Float32Array;
      // drawn for every row in either case: what dropout draws after it does not depend on the mode
      factors[row] = rng.chance(probability) ? 1 / probability : 0;
      if (stochasticDepth === 'batch') factors[row] = factors[0] as number;
    }
    if (dropout) fillDropout(dropout.subarray(row * features, (row + 1) * features), 1 - model.dropout, rng);
  }
  return { survival, dropout };
}

function fillDropout(factors: Float32Array, probability: number, rng: { uint32(): number }): void {
  const threshold = probability * 2 ** 32;
  for (let i = 0; i < factors.length; i++) factors[i] = rng.uint32() < threshold ? 1 / probability : 0;
}
