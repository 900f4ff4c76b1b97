import type { Size } from '../../src/core/image.ts';
import { imagenet } from '../auto-augment/imagenet.ts';
import { policyOperators } from '../auto-augment/operators.ts';
import {
  type DrawnOperation,
  type DrawnPolicy,
  drawPolicy,
  type Policy,
  type PolicyName,
  policyNames,
} from '../auto-augment/policy.ts';
import { v0 } from '../auto-augment/v0.ts';
import { describeDrawn } from '../describe.ts';
import { type AnyImageOperator, defineOperator } from '../operator.ts';
import { resolveParameters } from '../parameters.ts';

const policies: Readonly<Record<PolicyName, Policy>> = { v0, imagenet };

/**
 * AutoAugment: one of 25 pairs of operators is drawn, and each of the two is applied with its own probability. `v0` is
 * the policy of NVIDIA's EfficientNet recipe, with 1.19 operators an image on average; `imagenet` is the paper's, with the
 * magnitudes that torchvision gives it. Both tables are in operators/auto-augment.
 *
 * image: u8 [h, w, 3], same size.
 */
export const autoAugment = defineOperator({
  name: 'autoAugment',
  module: import.meta.url,
  parameters: { policy: { type: 'choice', choices: policyNames, default: 'v0' } },
  draw: ({ policy }, rng, size) => drawPolicy(policies[policy], rng, size),
  parts: ({ subPolicy, operations }) =>
    operations.map((operation) => ({
      operator: operatorOf(operation),
      values: operation.parameters,
      drawn: { subPolicy, operations: [operation] },
    })),
  describe: ({ subPolicy, operations }) => [
    `sub-policy ${subPolicy}`,
    ...(operations.length === 0 ? ['none applied'] : []),
    ...operations.flatMap((operation) => describeDrawn(operatorOf(operation), operation.parameters)),
  ],
  lower: ({ operations }: DrawnPolicy, size) =>
    operations.flatMap((operation) => lowerOperation(operation, size)),
});

const operatorOf = ({ operator }: DrawnOperation): AnyImageOperator => policyOperators[operator].definition;

function lowerOperation(operation: DrawnOperation, size: Size) {
  const operator = operatorOf(operation);
  return operator.lower(resolveParameters(operator.name, operator.parameters, operation.parameters), size);
}
