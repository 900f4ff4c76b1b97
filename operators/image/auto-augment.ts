import { ParameterError } from '../../src/core/errors.ts';
import { describeOperations, lowerOperations, partsOf } from '../auto-augment/composite.ts';
import { choosePolicy, policyNames } from '../auto-augment/policies.ts';
import { type DrawnPolicy, drawPolicy } from '../auto-augment/policy.ts';
import { translationNames } from '../auto-augment/v0.ts';
import { optionalWarpParameters } from '../common-parameters.ts';
import { defineOperator } from '../operator.ts';
import { perStep } from '../per-step.ts';

/**
 * AutoAugment: one of 25 pairs of operators is drawn, and each of the two is applied with its own probability. `v0` is
 * the policy of NVIDIA's EfficientNet recipe, with 1.19 operators an image on average; `imagenet`, `cifar10` and `svhn` are
 * the paper's, with the magnitudes that torchvision gives them. The tables are in operators/auto-augment.
 *
 * `translate` is v0's: left out or 'absolute', images move by up to 225 pixels (NVIDIA's), which leaves nothing but grey of
 * small ones; 'relative', by at most 150 / 331 of their side, cut to whole pixels, as with torchvision's policies.
 * `interpolation` and `fill` are of shears, translations and rotations; left out, they are the policy's own.
 *
 * image: u8 [h, w, 3], same size.
 */
export const autoAugment = defineOperator({
  name: 'autoAugment',
  module: import.meta.url,
  parameters: {
    policy: { type: 'choice', choices: policyNames, default: 'v0' },
    translate: { type: 'choice', choices: translationNames, optional: true },
    ...optionalWarpParameters,
  },
  check({ policy, translate }) {
    if (translate === undefined || policy === 'v0') return;
    throw new ParameterError(
      'INVALID_PARAMETER',
      `autoAugment: translate is for policy 'v0', got '${policy}'`,
    );
  },
  draw: (parameters, rng, size) => drawPolicy(policyOf(parameters), rng, size),
  parts: partsOf<DrawnPolicy>,
  describe: (drawn: DrawnPolicy) => [`sub-policy ${drawn.subPolicy}`, ...describeOperations(drawn)],
  lower: lowerOperations,
});

const policyOf = perStep(choosePolicy);
