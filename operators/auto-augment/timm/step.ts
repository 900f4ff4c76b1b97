import type { Step } from '../../../src/core/step.ts';
import { autoAugment } from '../../image/auto-augment.ts';
import { randAugment } from '../../image/rand-augment.ts';
import { invalidParameter } from '../../parameters.ts';
import type { WarpChoice } from '../warps.ts';
import { isTimmPolicy, timmPolicyNames } from './policies.ts';

/**
 * The step that stands for what timm's create_transform takes as auto_augment: `rand-m9-mstd0.5-inc1`, or a policy of
 * AutoAugment such as `original-mstd0.5`. timm's `v0` is not among them: `v0` is NVIDIA's here, and v0r is timm's.
 */
export function timmStep(text: string, warps: WarpChoice = {}): Step {
  if (text.startsWith('rand')) return randAugment({ config: text, ...warps });
  const { policy, mstd } = policyOf(text);
  if (isTimmPolicy(policy))
    return autoAugment({ policy, ...(mstd !== undefined && { mstd: Number(mstd) }), ...warps });
  const expected = `rand or ${timmPolicyNames.join(' or ')}, the latter with or without -mstd and a number`;
  throw invalidParameter('autoAugment', "timm's text", expected, text);
}

/** Whether the text begins as one of timm's; the step says what is wrong with the rest. */
export const isTimmText = (text: string): boolean =>
  text.startsWith('rand') || isTimmPolicy(policyOf(text).policy);

function policyOf(text: string): { readonly policy: string; readonly mstd: string | undefined } {
  const [, policy = '', mstd] = /^(\w+)(?:-mstd(\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  return { policy, mstd };
}
