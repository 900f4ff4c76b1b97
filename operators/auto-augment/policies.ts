import type { Policy } from './policy.ts';
import { torchvisionPolicies } from './torchvision/policies.ts';
import { type TranslationName, v0 } from './v0.ts';
import { type WarpChoice, withWarps } from './warps.ts';

export const policyNames = ['v0', 'imagenet', 'cifar10', 'svhn'] as const;
export type PolicyName = (typeof policyNames)[number];

interface PolicyChoice extends WarpChoice {
  readonly policy: PolicyName;
  /** Of v0. Default 'absolute'. */
  readonly translate?: TranslationName;
}

export function choosePolicy({ policy, translate = 'absolute', ...warps }: PolicyChoice): Policy {
  const { subPolicies, magnitudes } = policy === 'v0' ? v0(translate) : torchvisionPolicies[policy];
  return { subPolicies, magnitudes: withWarps(magnitudes, warps) };
}
