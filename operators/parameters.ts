import { ParameterError } from '../src/core/errors.ts';
import { describeStep, isStep, type Step, type StepDescription } from '../src/core/step.ts';

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
  readonly default?: string;
  /** May be left out without having a default. */
  readonly optional?: true;
}
export interface BooleanParameter {
  readonly type: 'boolean';
  readonly default: boolean;
}
/** An ordered pair [low, high] inside [min, max]. */
export interface RangeParameter {
  readonly type: 'range';
  readonly integer?: true;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly default?: readonly [number, number];
  /** As a number's. */
  readonly optional?: true;
}
/** One number a channel: a colour, a mean. */
export interface TripleParameter {
  readonly type: 'triple';
  readonly integer?: true;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly default?: readonly [number, number, number];
  /** May be left out without having a default. */
  readonly optional?: true;
}
/** A list of numbers, one or more. It may be left out. */
export interface NumbersParameter {
  readonly type: 'numbers';
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly optional: true;
  readonly default?: undefined;
}
/** Image steps, one or more. Among an operator's values they are descriptions, which cross to other threads. */
export interface StepsParameter {
  readonly type: 'steps';
  readonly default?: undefined;
}
/** A text in a language of its own. */
export interface TextParameter {
  readonly type: 'text';
  /** What it is, in words. */
  readonly form: string;
  readonly examples: readonly string[];
  /** What keeps this text from being one, in words. */
  problem(text: string): string | undefined;
  readonly default?: string;
  /** May be left out without having a default. */
  readonly optional?: true;
}
export type Parameter =
  | NumberParameter
  | ChoiceParameter
  | BooleanParameter
  | RangeParameter
  | TripleParameter
  | NumbersParameter
  | StepsParameter
  | TextParameter;
export type Parameters = Readonly<Record<string, Parameter>>;

type ValueOf<P extends Parameter> = P extends ChoiceParameter
  ? P['choices'][number]
  : P extends BooleanParameter
    ? boolean
    : P extends RangeParameter
      ? readonly [number, number]
      : P extends TripleParameter
        ? readonly [number, number, number]
        : P extends NumbersParameter
          ? readonly number[]
          : P extends StepsParameter
            ? readonly StepDescription[]
            : P extends TextParameter
              ? string
              : number;
type OptionOf<P extends Parameter> = P extends StepsParameter ? readonly Step[] : ValueOf<P>;
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
  { readonly [K in RequiredKeys<P>]: OptionOf<P[K]> } & {
    readonly [K in Exclude<keyof P, RequiredKeys<P>>]?: OptionOf<P[K]> | undefined;
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
    if (parameter.type === 'text') checkText(operator, key, parameter, value as string);
    values[key] = ownValue(parameter, value);
  }
  return Object.freeze(values) as ValuesOf<P>;
}

/** A list may be the caller's, who may go on to use it. */
function ownValue(parameter: Parameter, value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return Object.freeze(
    parameter.type === 'steps' ? value.map((step: Step) => step[describeStep]) : [...value],
  );
}

function checkText(operator: string, key: string, parameter: TextParameter, text: string): void {
  const problem = parameter.problem(text);
  if (problem === undefined) return;
  const { message, code } = invalidParameter(operator, key, describeParameter(parameter), text);
  throw new ParameterError(code, `${message}: ${problem}`);
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
  if (parameter.type === 'boolean') return 'true or false';
  if (parameter.type === 'steps') return 'a list of image steps, one or more';
  if (parameter.type === 'text') return `${parameter.form}, such as '${parameter.examples[0]}'`;
  const range = `${parameter.min}..${parameter.max} ${parameter.unit}`;
  if (parameter.type === 'range') return `${parameter.integer ? 'integers ' : ''}[low, high] within ${range}`;
  if (parameter.type === 'numbers') return `a list of numbers of ${range}, one or more`;
  if (parameter.type === 'triple') return `three ${parameter.integer ? 'integers' : 'numbers'} of ${range}`;
  return parameter.type === 'integer' ? `an integer of ${range}` : range;
}

function isValid(parameter: Parameter, value: unknown): boolean {
  if (parameter.type === 'choice') return parameter.choices.includes(value as string);
  if (parameter.type === 'boolean') return typeof value === 'boolean';
  if (parameter.type === 'steps') return isListOf(value, isImageStep);
  if (parameter.type === 'numbers') return isListOf(value, (number) => isWithin(parameter, number));
  if (parameter.type === 'text') return typeof value === 'string';
  if (parameter.type === 'range' || parameter.type === 'triple') {
    const length = parameter.type === 'range' ? 2 : 3;
    if (!Array.isArray(value) || value.length !== length) return false;
    if (!value.every((v) => isWithin(parameter, v))) return false;
    if (parameter.integer && !value.every(Number.isInteger)) return false;
    return parameter.type === 'triple' || value[0] <= value[1];
  }
  return isWithin(parameter, value) && (parameter.type !== 'integer' || Number.isInteger(value));
}

const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isItem);

const isImageStep = (value: unknown): boolean => isStep(value) && value[describeStep].phase === 'image';

// Written so that NaN fails.
const isWithin = ({ min, max }: { min: number; max: number }, value: unknown): boolean =>
  typeof value === 'number' && value >= min && value <= max;

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (isStep(value)) return `${value[describeStep].name}(...)`;
  if (typeof value === 'function') return `a function ${value.name}`.trim();
  return value instanceof Object ? JSON.stringify(value) : String(value);
}
