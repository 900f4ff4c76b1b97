import type { KernelCall } from '../../backends/kernels/kernel.ts';
import type { Size } from '../../src/core/image.ts';
import { describeDrawn } from '../describe.ts';
import type { AnyImageOperator, OperatorPart } from '../operator.ts';
import type { Parameters } from '../parameters.ts';
import type { DrawnOperation } from './magnitudes.ts';
import { type PolicyOperatorName, policyOperators } from './operators.ts';

/** What operators share that draw a list of other operators. */

export interface DrawnOperations {
  readonly operations: readonly DrawnOperation[];
}

export const partsOf = <Drawn extends DrawnOperations>(drawn: Drawn): OperatorPart<Drawn>[] =>
  drawn.operations.map((operation) => ({
    operator: operatorOf(operation),
    values: operation.parameters,
    drawn: { ...drawn, operations: [operation] },
  }));

export const describeOperations = ({ operations }: DrawnOperations): string[] =>
  operations.length === 0
    ? ['none applied']
    : operations.flatMap((operation) => [...describeDrawn(operatorOf(operation), operation.parameters)]);

export const lowerOperations = ({ operations }: DrawnOperations, size: Size): readonly KernelCall[] =>
  operations.flatMap((operation) =>
    operatorOf(operation).lower({ ...defaults[operation.operator], ...operation.parameters }, size),
  );

const operatorOf = ({ operator }: DrawnOperation): AnyImageOperator => policyOperators[operator].definition;

// made once: policies give what their tests have checked, so that no image's parameters are resolved again
const defaults = Object.fromEntries(
  Object.entries(policyOperators).map(([name, { definition }]) => [name, defaultsOf(definition.parameters)]),
) as Readonly<Record<PolicyOperatorName, object>>;

function defaultsOf(parameters: Parameters): object {
  const values = Object.entries(parameters).map(([key, parameter]) => [key, parameter.default]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}
