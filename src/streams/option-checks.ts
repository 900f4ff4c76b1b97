import { inspect } from 'node:util';
import { ParameterError } from '../core/errors.ts';
import { isStep } from '../core/step.ts';
import { checkNames } from '../engine/plan/options.ts';

/** Throws a ParameterError that names the option where its value is none that it can have. */
export type Check = (name: string, value: unknown) => void;

/** A check for each option of a type, so that none is forgotten. */
export type Checks<Options> = { readonly [Name in keyof Required<Options>]: Check };

/** Checks the options of a function: each name, each value that is given, and those that must be. */
export function checkOptions<Options extends object>(
  of: string,
  options: Options,
  checks: Checks<Options>,
  required: readonly (keyof Options & string)[],
): void {
  const example = `an object { ${Object.keys(checks).slice(0, 3).join(', ')}, ... }`;
  if (!isObject(options)) throw invalid(`${of}: options`, example, options);
  group(checks)(of, options);
  for (const name of required) checks[name](`${of}: ${name}`, options[name]);
}

/** Options that belong together. */
export const group =
  (checks: Readonly<Record<string, Check>>): Check =>
  (name, value) => {
    const known = Object.keys(checks);
    if (!isObject(value) || Array.isArray(value))
      throw invalid(name, `an object of options: ${known.join(', ')}`, value);
    checkNames(name, value, known);
    const within = name.includes(':') ? `${name}.` : `${name}: `;
    for (const [key, one] of Object.entries(value)) if (one !== undefined) checks[key]?.(within + key, one);
  };

/** Passes what is checked where it is used. */
export const anything: Check = () => {};

export const expecting =
  (expected: string, isValid: (value: unknown) => boolean): Check =>
  (name, value) => {
    if (!isValid(value)) throw invalid(name, expected, value);
  };

const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

export const count = expecting(
  'an integer >= 1',
  (value) => Number.isSafeInteger(value) && (value as number) >= 1,
);
export const number = expecting('a number', isNumber);
export const share = expecting('0..1', (value) => isNumber(value) && value >= 0 && value <= 1);
export const amount = expecting('a number of 0 or more', (value) => isNumber(value) && value >= 0);
export const truth = expecting('true or false', (value) => typeof value === 'boolean');
export const text = expecting('a text', isText);
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every((one) => isText(one));
export const paths = expecting('a list of paths', areTexts);
export const names = expecting('a list of names', areTexts);
export const callback = expecting('a function', (value) => typeof value === 'function');
export const signal = expecting('an AbortSignal', (value) => value instanceof AbortSignal);
export const textOrObject = expecting('a name or an object', (value) => isText(value) || isObject(value));

export const dataset = expecting(
  "a path, or a dataset such as imageFolder('photos')",
  (value) => isText(value) || (isObject(value) && 'reader' in value && 'locator' in value),
);

export const steps = expecting(
  'a list of steps such as [randomResizedCrop(224)]',
  (value) => Array.isArray(value) && value.every((step) => isStep(step)),
);

export const oneOf = (...choices: readonly string[]): Check =>
  expecting(`one of ${choices.join(', ')}`, (value) => choices.includes(value as string));

/** What may be switched off. */
export const orFalse =
  (check: Check): Check =>
  (name, value) =>
    value === false || check(name, value);

function invalid(name: string, expected: string, value: unknown): ParameterError {
  const got = inspect(value, { depth: 0 });
  return new ParameterError('INVALID_OPTION', `${name} must be ${expected}, got ${got}`);
}
