import type { Size } from '../../src/core/image.ts';
import type { Rng } from '../../src/core/random.ts';
import type { OptionsOfOperator, PolicyOperatorName } from './operators.ts';

export const policyNames = ['v0', 'imagenet'] as const;
export type PolicyName = (typeof policyNames)[number];

/** An operator of a sub-policy: how often it is applied, 0..1, and the index of its magnitude. */
type PolicyEntry = readonly [operator: PolicyOperatorName, probability: number, level: number];

/** One of these pairs is chosen for an image, each as often; its entries are applied in order, independently. */
type SubPolicy = readonly [first: PolicyEntry, second: PolicyEntry];

/** What an operator is given at a level. The sign is drawn; magnitudes without direction ignore it. */
type Magnitudes = {
  readonly [Name in PolicyOperatorName]: (level: number, sign: 1 | -1, size: Size) => OptionsOfOperator<Name>;
};

export interface Policy {
  readonly subPolicies: readonly SubPolicy[];
  readonly magnitudes: Magnitudes;
}

/** An operator with its parameters, as plain data. */
export interface DrawnOperation {
  readonly operator: PolicyOperatorName;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What a policy drew for one image: the sub-policy's index, and those of its operators that are applied. */
export interface DrawnPolicy {
  readonly subPolicy: number;
  readonly operations: readonly DrawnOperation[];
}

export function drawPolicy({ subPolicies, magnitudes }: Policy, rng: Rng, size: Size): DrawnPolicy {
  const subPolicy = rng.integer(subPolicies.length);
  const operations: DrawnOperation[] = [];
  for (const [operator, probability, level] of subPolicies[subPolicy] as SubPolicy) {
    // both are always drawn, so that an entry never changes what the next one draws
    const isApplied = rng.chance(probability);
    const sign = rng.chance(0.5) ? 1 : -1;
    if (isApplied) operations.push({ operator, parameters: magnitudes[operator](level, sign, size) });
  }
  return { subPolicy, operations };
}
