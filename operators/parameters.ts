import { ParameterError } from '../src/core/errors.ts';

/** A number of the given range (both ends included) and unit. */
export interface NumberParameter {
  readonly type?: 'number' | 'integer';
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly default?: number;
  /** May be left out without having a default. */
  readonly optional?: true;
}
export interface ChoiceParameter {
  readonly type: 'choice';
  readonly choices: readonly string[];
  readonly default: string;
}
/** An ordered pair [low, high] inside [min, max]. */
export interface RangeParameter {
  readonly type: 'range';
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly default?: readonly [number, number];
}
/** One number a channel: a colour, a mean. */
export interface TripleParameter {
  readonly type: 'triple';
  readonly integer?: true;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly default: readonly [number, number, number];
}
export type Parameter = NumberParameter | ChoiceParameter | RangeParameter | TripleParameter;
export type Parameters = Readonly<Record<string, Parameter>>;

type ValueOf<P extends Parameter> = P extends ChoiceParameter
  ? P['choices'][number]
  : P extends RangeParameter
    ? readonly [number, number]
    : P extends TripleParameter
      ? readonly [number, number, number]
      : number;
type OptionalKeys<P extends Parameters> = {
  [K in keyof P]: P[K] extends { optional: true } ? K : never;
}[keyof P];
type DefaultKeys<P extends Parameters> = {
  [K in keyof P]: P[K] extends { default: unknown } ? K : never;
}[keyof P];
type RequiredKeys<P extends Parameters> = Exclude<keyof P, OptionalKeys<P> | DefaultKeys<P>>;
type Flatten<T> = { [K in keyof T]: T[K] };

/** What a user passes: everything without a default is required. */
export type OptionsOf<P extends Parameters> = Flatten<
  { readonly [K in RequiredKeys<P>]: ValueOf<P[K]> } & {
    readonly [K in Exclude<keyof P, RequiredKeys<P>>]?: ValueOf<P[K]> | undefined;
  }
>;
/** What an operator works with: defaults filled in. */
export type ValuesOf<P extends Parameters> = Flatten<
  { readonly [K in Exclude<keyof P, OptionalKeys<P>>]: ValueOf<P[K]> } & {
    readonly [K in OptionalKeys<P>]?: ValueOf<P[K]>;
  }
>;

/** Fills in defaults and checks every value, in one form: `rotate: degrees must be -360..360 degrees, got NaN`. */
export function resolveParameters<P extends Parameters>(
  operator: string,
  parameters: P,
  options: unknown,
): ValuesOf<P> {
  if (!isRecord(options)) throw invalidParameter(operator, 'options', exampleOf(parameters), options);
  for (const key of Object.keys(options)) {
    if (Object.hasOwn(parameters, key)) continue;
    const known = Object.keys(parameters).join(', ') || 'none';
    throw new ParameterError(
      'UNKNOWN_PARAMETER',
      `${operator}: unknown parameter '${key}' (known: ${known})`,
    );
  }
  const values: Record<string, unknown> = {};
  for (const [key, parameter] of Object.entries(parameters)) {
    const value = options[key] === undefined ? parameter.default : options[key];
    if (value === undefined && 'optional' in parameter) continue;
    if (!isValid(parameter, value))
      throw invalidParameter(operator, key, describeParameter(parameter), value);
    // its own: the list may be the caller's, who may go on to use it
    values[key] = Array.isArray(value) ? Object.freeze([...value]) : value;
  }
  return Object.freeze(values) as ValuesOf<P>;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const exampleOf = (parameters: Parameters): string => `an object { ${Object.keys(parameters).join(', ')} }`;

export function invalidParameter(
  operator: string,
  name: string,
  expected: string,
  actual: unknown,
): ParameterError {
  return new ParameterError(
    'INVALID_PARAMETER',
    `${operator}: ${name} must be ${expected}, got ${show(actual)}`,
  );
}

/** In words: what the parameter accepts. */
export function describeParameter(parameter: Parameter): string {
  if (parameter.type === 'choice') return parameter.choices.map((choice) => `'${choice}'`).join(' or ');
  const range = `${parameter.min}..${parameter.max} ${parameter.unit}`;
  if (parameter.type === 'range') return `[low, high] within ${range}`;
  if (parameter.type === 'triple') return `three ${parameter.integer ? 'integers' : 'numbers'} of ${range}`;
  return parameter.type === 'integer' ? `an integer of ${range}` : range;
}

function isValid(parameter: Parameter, value: unknown): boolean {
  if (parameter.type === 'choice') return parameter.choices.includes(value as string);
  if (parameter.type === 'range' || parameter.type === 'triple') {
    const length = parameter.type === 'range' ? 2 : 3;
    if (!Array.isArray(value) || value.length !== length) return false;
    if (!value.every((v) => isWithin(parameter, v))) return false;
    if (parameter.type === 'range') return value[0] <= value[1];
    return !parameter.integer || value.every(Number.isInteger);
  }
  return isWithin(parameter, value) && (parameter.type !== 'integer' || Number.isInteger(value));
}

// Written so that NaN fails.
const isWithin = ({ min, max }: { min: number; max: number }, value: unknown): boolean =>
  typeof value === 'number' && value >= min && value <= max;

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  return value instanceof Object ? JSON.stringify(value) : String(value);
}
