import { inspect } from 'node:util';
import { ParameterError } from '../../../core/errors.ts';

/** Whether these may be weights by name: in a Map, or a list, names would not be seen. */
export function areByName(weights: unknown): weights is Readonly<Record<string, unknown>> {
  if (typeof weights !== 'object' || weights === null) return false;
  return [Object.prototype, null].includes(Object.getPrototypeOf(weights));
}

/**
 * Multiplies weights by a power of two, so that the largest is about 1: their sum, and shares of it, are finite then, however large or
 * small they are, and the same to the last bit as without it.
 */
export function scaleWeights(weights: Float64Array): void {
  const exponent = exponentOf(weights.reduce((a, b) => Math.max(a, b), Number.MIN_VALUE));
  // 2 ** 1074 is no number
  const half = Math.trunc(exponent / 2);
  const [first, second] = [2 ** -half, 2 ** (half - exponent)];
  for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) * first * second;
}

/** Of the power of two below a number above 0; engines may round a logarithm as they like. */
function exponentOf(value: number): number {
  let exponent = 0;
  let rest = value;
  for (; rest >= 2; rest /= 2) exponent++;
  for (; rest < 1; rest *= 2) exponent--;
  return exponent;
}

/** Throws where this is no number that may be a weight. */
export function checkWeight(of: string, whose: string | number, weight: unknown): void {
  if (typeof weight === 'number' && Number.isFinite(weight) && weight >= 0) return;
  const message = `${of}: the weight of ${whose} must be a number of 0 or more, got ${inspect(weight)}`;
  throw new ParameterError('INVALID_WEIGHT', message);
}

/** Throws where these are no weights by name. */
export function checkWeightsByName(
  of: string,
  weights: unknown,
): asserts weights is Readonly<Record<string, number>> {
  if (!areByName(weights)) {
    const message = `${of}: weights must be an object such as { cat: 2 }, got ${inspect(weights)}`;
    throw new ParameterError('INVALID_WEIGHT', message);
  }
  for (const [name, weight] of Object.entries(weights)) checkWeight(of, name, weight);
}
