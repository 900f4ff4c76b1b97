import { blendShift } from '../../../backends/kernels/finish/tables.ts';
import { blendLimit, isBlendable } from '../../../backends/kernels/finish/terms.ts';
import { ParameterError } from '../../core/errors.ts';
import { naming } from './naming.ts';
import { batchOperator, erasingSteps, type Plan, tensorFormat } from './plan.ts';

/** Refuses constants that a step writes into rows before they are blended, and that no blend can hold. */
export function checkBlendedConstants(plan: Plan): void {
  const mixing = blendingOperator(plan);
  const { erase } = erasingSteps(plan);
  if (erase === undefined || mixing === undefined) return;
  const { operator, parameters } = erase;
  const shift = blendShift(tensorFormat(plan));
  for (const [parameter, values] of Object.entries(operator.constants?.(parameters) ?? {})) {
    const wrong = values.find((value) => !isBlendable(value, shift));
    if (wrong === undefined) continue;
    const expected = `below ${blendLimit(shift)} in magnitude, since ${mixing} blends it with normalised pixels`;
    const message = `${operator.name}: ${parameter} must be ${expected}, got ${wrong}`;
    const advice = `take a smaller one, or let ${operator.name} stand after ${mixing}`;
    throw new ParameterError('FILL_TOO_LARGE', `${message}; ${advice}`, { operator: operator.name });
  }
}

/** The name of the step that blends rows, where there is one. */
function blendingOperator(plan: Plan): string | undefined {
  const operator = batchOperator(plan);
  if (plan.batch === undefined || operator === undefined) return undefined;
  const { parameters } = plan.batch.description;
  const isBlending = naming(operator.name, {}, () => operator.blends?.(parameters) ?? true);
  return isBlending ? operator.name : undefined;
}
