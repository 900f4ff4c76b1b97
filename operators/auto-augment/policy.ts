import type { Size } from '../../src/core/image.ts';
import type { Rng } from '../../src/core/random.ts';
import { type DrawnOperation, type Magnitudes, operationAt } from './magnitudes.ts';
import type { OperationName } from './operators.ts';

/** An operator of a sub-policy: how often it is applied, 0..1, and the index of its magnitude. */
type PolicyEntry = readonly [operator: OperationName, probability: number, level: number];

/** One of these is chosen for an image, each as often; its entries are applied in order, independently. */
export type SubPolicy = readonly PolicyEntry[];

export interface Policy {
  readonly subPolicies: readonly SubPolicy[];
  readonly magnitudes: Magnitudes;
  /** Draws the level that is meant by an entry's. Left out: that level. */
  readonly drawLevel?: (level: number, rng: Rng) => number;
}

/** What a policy drew for one image: the sub-policy's index, and those of its operators that are applied. */
export interface DrawnPolicy {
  readonly subPolicy: number;
  readonly operations: readonly DrawnOperation[];
}

export function drawPolicy(
  { subPolicies, magnitudes, drawLevel }: Policy,
  rng: Rng,
  size: Size,
): DrawnPolicy {
  const subPolicy = rng.integer(subPolicies.length);
  const operations: DrawnOperation[] = [];
  for (const [operator, probability, entry] of subPolicies[subPolicy] as SubPolicy) {
    // all are always drawn, so that an entry never changes what the next one draws
    const isApplied = rng.chance(probability);
    const sign = rng.chance(0.5) ? 1 : -1;
    const level = drawLevel === undefined ? entry : drawLevel(entry, rng);
    const operation = operationAt(magnitudes, operator, level, sign, size, rng);
    if (isApplied) operations.push(operation);
  }
  return { subPolicy, operations };
}
