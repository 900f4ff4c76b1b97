import type { Policy } from './policy.ts';
import { isTimmPolicy, timmPolicy, timmPolicyNames } from './timm/policies.ts';
import { timmWarps } from './timm/warps.ts';
import { torchvisionPolicies } from './torchvision/policies.ts';
import { type TranslationName, v0 } from './v0.ts';
import { type WarpChoice, withWarps } from './warps.ts';

export const policyNames = ['v0', 'imagenet', 'cifar10', 'svhn', ...timmPolicyNames] as const;
export type PolicyName = (typeof policyNames)[number];

interface PolicyChoice extends WarpChoice {
  readonly policy: PolicyName;
  /** Of v0. Default 'absolute'. */
  readonly translate?: TranslationName;
  /** Of timm's: standard deviation of levels. Default 0. */
  readonly mstd?: number;
}

export function choosePolicy(choice: PolicyChoice): Policy {
  const policy = tableOf(choice);
  const warps = isTimmPolicy(choice.policy) ? { ...timmWarps, ...choice } : choice;
  return { ...policy, magnitudes: withWarps(policy.magnitudes, warps) };
}

function tableOf({ policy, translate = 'absolute', mstd = 0 }: PolicyChoice): Policy {
  if (policy === 'v0') return v0(translate);
  return isTimmPolicy(policy) ? timmPolicy(policy, mstd) : torchvisionPolicies[policy];
}
