import { type KernelCall, outputSize } from '../backends/kernels/kernel.ts';
import type { Size } from '../src/core/image.ts';
import { nested } from '../src/core/plugin.ts';
import type { Rng } from '../src/core/random.ts';
import { definitionOf, describeStep, type Step } from '../src/core/step.ts';
import { describeDrawn } from './describe.ts';
import { drawValues, lowerValues } from './draw-and-lower.ts';
import {
  type AnyCombinator,
  type AnyImageOperator,
  type Combinator,
  factory,
  type ImageStep,
  type OperatorFactory,
  type OperatorPart,
} from './operator.ts';
import { invalidParameter, type OptionsOf, type Parameters, type StepsParameter } from './parameters.ts';

/** Declares an operator on steps, which are passed first and alone: `randomApply([invert()], { probability: 0.2 })`. */
export function defineCombinator<const P extends Parameters & { readonly steps: StepsParameter }>(
  definition: Combinator<P>,
): OperatorFactory<[steps: readonly Step[], options?: Omit<OptionsOf<P>, 'steps'>], Combinator<P>> {
  return factory(definition, 'image', 'steps', (options) => combine(definition, stepsOf(options)));
}

/** The steps that a combinator was given. */
const stepsOf = (options: unknown): ImageStep[] =>
  (options as { readonly steps: readonly Step[] }).steps.map((step) => ({
    operator: step[definitionOf] as AnyImageOperator,
    parameters: step[describeStep].parameters,
  }));

/** What was drawn for one of a combinator's steps. */
interface DrawnStep {
  /** Its place among the steps. */
  readonly step: number;
  readonly operator: string;
  readonly values: unknown;
}
interface DrawnSteps {
  readonly steps: readonly DrawnStep[];
}

/** The image operator that a combinator is with these steps. */
export function combine(
  { choose, endsWithAny, ...declaration }: AnyCombinator,
  steps: readonly ImageStep[],
): AnyImageOperator {
  const operatorOf = ({ step }: DrawnStep): AnyImageOperator => (steps[step] as ImageStep).operator;
  const size = endsWithAny && commonSize(declaration.name, steps);
  return {
    ...declaration,
    draw: (parameters, rng, size, occurrence) => {
      const chosen = choose(parameters, rng).map((index) => ({ step: steps[index] as ImageStep, index }));
      return { steps: drawSteps(chosen, rng, size, occurrence) };
    },
    lower: (drawn: DrawnSteps, size) => lowerSteps(drawn, operatorOf, size),
    describe: ({ steps: drawn }: DrawnSteps) => {
      if (drawn.length === 0) return ['none applied'];
      return drawn.flatMap((one) => nested(one.operator, () => describeDrawn(operatorOf(one), one.values)));
    },
    parts: ({ steps: drawn }: DrawnSteps) => drawn.flatMap((one) => partsOf(operatorOf(one), one)),
    fixedSize: () => size,
  };
}

function drawSteps(
  chosen: readonly { readonly step: ImageStep; readonly index: number }[],
  rng: Rng,
  input: Size,
  occurrence: number,
): DrawnStep[] {
  let size = input;
  return chosen.map(({ step, index }, i) => {
    const { operator } = step;
    const values = nested(operator.name, () => drawValues(step, rng, size, occurrence));
    // what follows draws for the image that this step makes
    if (i < chosen.length - 1)
      size = nested(operator.name, () => sizeAfter(lowerValues(operator, values, size), size));
    return { step: index, operator: operator.name, values };
  });
}

function lowerSteps(
  { steps }: DrawnSteps,
  operatorOf: (drawn: DrawnStep) => AnyImageOperator,
  input: Size,
): KernelCall[] {
  let size = input;
  return steps.flatMap((drawn) => {
    const calls = nested(drawn.operator, () => lowerValues(operatorOf(drawn), drawn.values, size));
    size = sizeAfter(calls, size);
    return calls;
  });
}

const sizeAfter = (calls: readonly KernelCall[], input: Size): Size =>
  calls.reduce((size, call) => outputSize(call, size), input);

/** A step is one part, unless it is made of others itself. */
function partsOf(operator: AnyImageOperator, drawn: DrawnStep): OperatorPart<DrawnSteps>[] {
  const { values } = drawn;
  const parts = nested(operator.name, () => operator.parts?.(values)) ?? [
    { operator, values, drawn: values },
  ];
  return parts.map((part) => ({ ...part, drawn: { steps: [{ ...drawn, values: part.drawn }] } }));
}

/** The size that all of the steps fix; undefined where one fixes none. */
function commonSize(name: string, steps: readonly ImageStep[]): Size | undefined {
  const sizes = steps.map(({ operator, parameters }) => operator.fixedSize?.(parameters));
  const fixed = sizes.filter((size) => size !== undefined);
  const texts = [...new Set(fixed.map(({ width, height }) => `${width} x ${height}`))];
  if (texts.length > 1) throw invalidParameter(name, 'steps', 'steps to images of one size', texts);
  return fixed.length === sizes.length ? fixed[0] : undefined;
}
