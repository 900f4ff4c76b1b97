import type { KernelCall } from '../backends/kernels/kernel.ts';
import { ParameterError } from '../src/core/errors.ts';
import type { Size } from '../src/core/image.ts';
import { freezePlain } from '../src/core/plain-data.ts';
import type { Rng } from '../src/core/random.ts';
import type { AnyImageOperator, ImageStep } from './operator.ts';

/** What a step draws for an image, which is checked to be plain data and can no more be changed. */
export function drawValues(
  { operator, parameters }: ImageStep,
  rng: Rng,
  size: Size,
  occurrence: number,
): unknown {
  return checkDrawn(
    operator.draw === undefined ? parameters : operator.draw(parameters, rng, size, occurrence),
  );
}

/** The kernel calls that an operator makes of what was drawn. */
export function lowerValues(operator: AnyImageOperator, values: unknown, size: Size): readonly KernelCall[] {
  return callsOf(operator.lower(values, size));
}

/** What was drawn goes to another thread, into digests and on to `lower`, which must not change it on the way. */
export function checkDrawn(values: unknown): unknown {
  const other = values === undefined ? 'nothing' : freezePlain(values);
  if (other === undefined) return values;
  const expected = 'plain data (numbers, texts, lists and objects of these)';
  throw new ParameterError('NO_PLAIN_DATA', `draw must return ${expected}, got ${other}`);
}

function callsOf(lowered: unknown): readonly KernelCall[] {
  if (!Array.isArray(lowered)) throw noCalls(String(lowered));
  const at = lowered.findIndex((call) => !(call instanceof Object && 'kernel' in call));
  if (at !== -1) throw noCalls(`${lowered[at]} as number ${at} of it`);
  return lowered;
}

const noCalls = (got: string): ParameterError =>
  new ParameterError('NO_KERNEL_CALLS', `lower must return a list of kernel calls, got ${got}`);
