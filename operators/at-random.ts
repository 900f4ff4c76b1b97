import { describeDrawn } from './describe.ts';
import { defineOperator, type ImageOperator } from './operator.ts';
import type { NumberParameter, Parameters, ValuesOf } from './parameters.ts';

type WithProbability<P extends Parameters> = P & {
  readonly probability: NumberParameter & { readonly default: number };
};
type DrawnAtRandom<P extends Parameters> = ValuesOf<P> & { readonly isApplied: boolean };

/**
 * Declares an operator of its own name that does with a probability, one more parameter, what another does which draws nothing:
 * torchvision has such pairs. Any list of steps is applied at random by `randomApply`.
 */
export function defineAtRandom<const P extends Parameters>(
  operator: ImageOperator<P>,
  { name, module, probability }: { name: string; module: string; probability: number },
) {
  const definition = {
    ...{ name, module },
    parameters: {
      ...operator.parameters,
      probability: { min: 0, max: 1, unit: 'probability', default: probability },
    },
    neutral: { probability: 0 },
    draw: ({ probability, ...values }, rng) => ({ ...values, isApplied: rng.chance(probability) }),
    describe: (drawn) =>
      drawn.isApplied ? describeDrawn(operator, drawn) : [`${operator.name} not applied`],
    lower: ({ isApplied, ...values }, size) => (isApplied ? operator.lower(values as ValuesOf<P>, size) : []),
    // biome-ignore lint/suspicious/noExplicitAny: the types of a spread of unknown parameters are not worked out
  } satisfies ImageOperator<any, any>;
  return defineOperator(definition as unknown as ImageOperator<WithProbability<P>, DrawnAtRandom<P>>);
}
