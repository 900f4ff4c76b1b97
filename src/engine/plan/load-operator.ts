import { combine } from '../../../operators/combinator.ts';
import {
  type AnyImageOperator,
  type AnyOperator,
  type ImageStep,
  isCombinator,
} from '../../../operators/operator.ts';
import { ParameterError } from '../../core/errors.ts';
import { importModule } from '../../core/import-module.ts';
import { freezePlain } from '../../core/plain-data.ts';
import type { StepDescription } from '../../core/step.ts';
import type { TensorStep } from './erasing.ts';

/** Makes an image step from its description, and the steps inside it. */
export async function loadImageStep(description: StepDescription): Promise<ImageStep> {
  const { parameters } = description;
  // as on the calling thread: what crosses threads is not frozen any more
  freezePlain(parameters);
  const operator = await loadOperator(description);
  if (!isCombinator(operator)) return { operator: operator as AnyImageOperator, parameters };
  const { steps } = parameters as { readonly steps: readonly StepDescription[] };
  const inside = await Promise.all(steps.map(loadImageStep));
  return { operator: combine(operator, inside), parameters };
}

/** Makes a tensor step from its description, where there is one. */
export async function loadTensorStep(
  description: StepDescription | undefined,
): Promise<TensorStep | undefined> {
  if (description === undefined) return undefined;
  const { parameters } = description;
  freezePlain(parameters);
  return { operator: (await loadOperator(description)) as TensorStep['operator'], parameters };
}

/** Finds the operator that a description names, by importing the module it was declared in. */
export async function loadOperator({ name, module }: StepDescription): Promise<AnyOperator> {
  const exports = (await importModule(module)) as Record<string, unknown>;
  for (const value of Object.values(exports)) {
    const definition = typeof value === 'function' && 'definition' in value ? value.definition : undefined;
    if (definition instanceof Object && 'name' in definition && definition.name === name)
      return definition as AnyOperator;
  }
  throw new ParameterError(
    'OPERATOR_NOT_EXPORTED',
    `${name}: ${module} exports no operator of this name; export what defineOperator returns, and pass the ` +
      "module's own import.meta.url",
  );
}
