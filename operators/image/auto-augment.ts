import { ParameterError } from '../../src/core/errors.ts';
import { describeOperations, lowerOperations, partsOf } from '../auto-augment/composite.ts';
import { choosePolicy, type PolicyName, policyNames } from '../auto-augment/policies.ts';
import { type DrawnPolicy, drawPolicy } from '../auto-augment/policy.ts';
import { isTimmPolicy, timmPolicyNames } from '../auto-augment/timm/policies.ts';
import { translationNames } from '../auto-augment/v0.ts';
import { optionalWarpParameters } from '../common-parameters.ts';
import { defineOperator } from '../operator.ts';
import { perStep } from '../per-step.ts';

/**
 * AutoAugment: one of 25 pairs of operators is drawn, and each of the two is applied with its own probability. `v0` is
 * the policy of NVIDIA's EfficientNet recipe, with 1.19 operators an image on average; `imagenet`, `cifar10` and `svhn` are
 * the paper's, with the magnitudes that torchvision gives them; `original`, `originalr` and `v0r` are those of timm's
 * auto_augment_transform, and so is `3a`, DeiT III's 3-Augment: solarize, grey, or a blur of sigma 0.1 to 2. The tables are
 * in operators/auto-augment.
 *
 * `translate` is for v0. 'absolute', as NVIDIA has it and the default, moves images by up to 225 pixels, which leaves nothing
 * but grey of small ones. 'relative' moves them as torchvision's policies do: level 10 is 150 / 331 of the side, and pixels
 * are cut to whole ones. `mstd` is for timm's policies: the standard deviation of levels, 0 by default. `interpolation` and
 * `fill` replace those of shears, translations and rotations, which each policy has of its own.
 *
 * image: u8 [h, w, 3], same size.
 */
export const autoAugment = defineOperator({
  name: 'autoAugment',
  module: import.meta.url,
  parameters: {
    policy: { type: 'choice', choices: policyNames, default: 'v0' },
    translate: { type: 'choice', choices: translationNames, optional: true },
    mstd: { min: 0, max: 100, unit: 'levels', optional: true },
    ...optionalWarpParameters,
  },
  check({ policy, translate, mstd }) {
    if (translate !== undefined && policy !== 'v0') throw notFor('translate', ['v0'], policy);
    if (mstd !== undefined && !isTimmPolicy(policy)) throw notFor('mstd', timmPolicyNames, policy);
  },
  draw: (parameters, rng, size) => drawPolicy(policyOf(parameters), rng, size),
  parts: partsOf<DrawnPolicy>,
  describe: (drawn: DrawnPolicy) => [`sub-policy ${drawn.subPolicy}`, ...describeOperations(drawn)],
  lower: lowerOperations,
});

const policyOf = perStep(choosePolicy);

const notFor = (option: string, policies: readonly PolicyName[], policy: PolicyName): ParameterError =>
  new ParameterError(
    'INVALID_PARAMETER',
    `autoAugment: ${option} is for policy ${policies.map((name) => `'${name}'`).join(' or ')}, got '${policy}'`,
  );
