import type { AnyOperator } from '../../../operators/operator.ts';
import { ParameterError } from '../../core/errors.ts';
import { importModule } from '../../core/import-module.ts';
import type { StepDescription } from '../../core/step.ts';

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
