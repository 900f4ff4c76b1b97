import type { Size } from '../../src/core/image.ts';
import type { Rng } from '../../src/core/random.ts';
import { weightedIndex } from '../weighted-index.ts';
import { type DrawnOperation, type Magnitudes, operationAt } from './magnitudes.ts';
import type { OperationName } from './operators.ts';

/** An augmentation that draws its operators one after the other from a list: RandAugment, TrivialAugment. */
export interface Layers {
  readonly count: number;
  readonly choices: readonly (OperationName | 'identity')[];
  /** How often each is chosen, in any unit; none is chosen twice then. Left out: each as often. */
  readonly weights?: readonly number[];
  /** Of applying what was chosen, 0..1. */
  readonly probability: number;
  readonly drawLevel: (rng: Rng) => number;
  readonly magnitudes: Magnitudes;
}

/** What was drawn for one image: the operators that are applied, in order. */
export interface DrawnLayers {
  readonly operations: readonly DrawnOperation[];
}

export function drawLayers(layers: Layers, rng: Rng, size: Size): DrawnLayers {
  const { choices, probability, drawLevel, magnitudes } = layers;
  const operations: DrawnOperation[] = [];
  for (const choice of drawChoices(layers, rng)) {
    const operator = choices[choice] as Layers['choices'][number];
    const isApplied = probability === 1 || rng.chance(probability);
    const level = drawLevel(rng);
    const sign = rng.chance(0.5) ? 1 : -1;
    if (isApplied && operator !== 'identity')
      operations.push(operationAt(magnitudes, operator, level, sign, size, rng));
  }
  return { operations };
}

function drawChoices({ count, choices, weights }: Layers, rng: Rng): number[] {
  if (weights === undefined) return Array.from({ length: count }, () => rng.integer(choices.length));
  const left = [...weights];
  return Array.from({ length: count }, () => {
    const choice = weightedIndex(left, rng);
    left[choice] = 0;
    return choice;
  });
}
