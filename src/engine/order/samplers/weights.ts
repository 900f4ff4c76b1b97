import { inspect } from 'node:util';
import { ParameterError } from '../../../core/errors.ts';

/** Throws where this is no number that may be a weight. */
export function checkWeight(of: string, whose: string | number, weight: unknown): void {
  if (typeof weight === 'number' && Number.isFinite(weight) && weight >= 0) return;
  const message = `${of}: the weight of ${whose} must be a number of 0 or more, got ${inspect(weight)}`;
  throw new ParameterError('INVALID_WEIGHT', message);
}
