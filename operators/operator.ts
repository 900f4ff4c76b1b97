import type { EraseBox } from '../backends/backend.ts';
import type { DecodeOptions } from '../backends/decode/decode.ts';
import type { KernelCall } from '../backends/kernels/kernel.ts';
import { ParameterError } from '../src/core/errors.ts';
import type { Size, TensorFormat } from '../src/core/image.ts';
import type { RowMix } from '../src/core/mixing.ts';
import type { Rng } from '../src/core/random.ts';
import { isStepTarget, makeStep, type Phase, type Step } from '../src/core/step.ts';
import {
  invalidParameter,
  type OptionsOf,
  type Parameters,
  resolveParameters,
  type ValuesOf,
} from './parameters.ts';

/**
 * The contract of an operator: one declaration from which types, validation, docs and test inputs follow.
 * `parameters` are checked when the step is made; `draw` turns them into one sample's plain numbers; `lower` turns
 * those into kernel calls. There are no pixel loops in operators.
 */
interface Declaration<P extends Parameters> {
  /** Exported name, in camelCase. */
  readonly name: string;
  /** `import.meta.url` of the module that exports the operator: worker threads import it from there. */
  readonly module: string;
  /** Raised whenever draws or pixels change on purpose. Default 1. */
  readonly version?: number;
  readonly parameters: P;
  /** Checks that involve several parameters; throws ParameterError. */
  check?(parameters: ValuesOf<P>): void;
}

export interface ImageOperator<P extends Parameters = Parameters, Drawn = ValuesOf<P>>
  extends Declaration<P> {
  /** Parameters at which the image stays as it is, where there are such. */
  readonly neutral?: Partial<OptionsOf<P>>;
  /**
   * Draws one sample's values, as plain data. Left out: the parameters themselves. A sample that is repeated is drawn for each
   * time; `occurrence` says which of its rows this is, from 0 on.
   */
  draw?(parameters: ValuesOf<P>, rng: Rng, size: Size, occurrence: number): Drawn;
  lower(drawn: Drawn, size: Size): readonly KernelCall[];
  /**
   * What was drawn for one image, as a few short lines for people: `flipped`. Left out: the operator's name and the numbers,
   * each with the unit of the parameter of the same name.
   */
  describe?(drawn: Drawn): readonly string[];
  /** Where the operator is made of others: what it drew for each, so that their images can be shown one by one. */
  parts?(drawn: Drawn): readonly OperatorPart<Drawn>[];
  /** The size of every result, where the parameters fix it. */
  fixedSize?(parameters: ValuesOf<P>): Size | undefined;
}

/** One of the operators that an operator is made of. */
export interface OperatorPart<Drawn> {
  readonly operator: AnyImageOperator;
  readonly values: unknown;
  /** What the whole operator would have drawn, were there only this part: `lower` takes it. */
  readonly drawn: Drawn;
}

export interface DecodeOperator<P extends Parameters> extends Declaration<P> {
  readonly phase: 'decode';
  options(parameters: ValuesOf<P>): DecodeOptions;
}
export interface NormalizeOperator<P extends Parameters> extends Declaration<P> {
  readonly phase: 'normalize';
  format(parameters: ValuesOf<P>): TensorFormat;
}
/** For how many rows a batch operator draws once: those of a global batch, those of a pair, or each. */
export type MixUnit = 'batch' | 'pair' | 'row';

/** Mixes pairs of rows (row i with row i XOR 1). */
export interface BatchOperator<P extends Parameters> extends Declaration<P> {
  readonly phase: 'batch';
  /** Default 'batch'. */
  unit?(parameters: ValuesOf<P>): MixUnit;
  /** Whether rows may be blended, not only cut. Default true. */
  blends?(parameters: ValuesOf<P>): boolean;
  /** How rows of this size are mixed; undefined: they are not. `lambda` is the rest of the area where there is a box. */
  draw(parameters: ValuesOf<P>, rng: Rng, size: Size): RowMix | undefined;
}

/** What a tensor operator draws for one row. */
export interface DrawnBoxes {
  /** A later box covers those before it. */
  readonly boxes: readonly EraseBox[];
}
/** Erases parts of normalised rows, before or after they are mixed. */
export interface TensorOperator<P extends Parameters> extends Declaration<P> {
  readonly phase: 'tensor';
  draw(parameters: ValuesOf<P>, rng: Rng, size: Size, occurrence: number): DrawnBoxes;
  /** Elements that it may write, by the parameter that gives them: they are checked when the pipeline is built. */
  constants?(parameters: ValuesOf<P>): Readonly<Record<string, readonly number[]>>;
  /** As an image operator's. */
  describe?(drawn: DrawnBoxes): readonly string[];
}

/**
 * An operator made of steps that are given to it, its parameter `steps`. Its draws come first, then those of the chosen
 * steps, one after the other, from the same generator. combinator.ts makes an image operator of it and its steps.
 */
export interface Combinator<P extends Parameters> extends Declaration<P> {
  readonly neutral?: Partial<OptionsOf<P>>;
  /** Draws which of the steps are applied, by their places, and in which order. */
  choose(parameters: ValuesOf<P>, rng: Rng): readonly number[];
  /** Any of the steps may come last: those that fix the size of their result must fix the same. */
  readonly endsWithAny?: true;
}

// biome-ignore-start lint/suspicious/noExplicitAny: erased: registry and engine hold operators of all parameter types.
export type AnyImageOperator = ImageOperator<any, any>;
export type AnyCombinator = Combinator<any>;
export type AnyOperator =
  | AnyImageOperator
  | AnyCombinator
  | DecodeOperator<any>
  | NormalizeOperator<any>
  | BatchOperator<any>
  | TensorOperator<any>;
/** What draws for each sample. */
export type DrawingOperator = AnyImageOperator | TensorOperator<any>;
// biome-ignore-end lint/suspicious/noExplicitAny: as above.

/** An image operator with its parameters filled in. Its place in a list is the position that keys its draws. */
export interface ImageStep {
  readonly operator: AnyImageOperator;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export const isCombinator = (operator: AnyOperator): operator is AnyCombinator => 'choose' in operator;

/** Makes steps: `rotate({ degrees: 30 })`, or with a leading positional parameter `mixup(0.2)`. */
export interface OperatorFactory<Arguments extends readonly unknown[], Definition = AnyOperator> {
  (...args: Arguments): Step;
  readonly definition: Definition;
  /** The parameter that is passed first and alone, before the options. */
  readonly positional: string | undefined;
}
type OptionArguments<P extends Parameters> =
  Record<string, never> extends OptionsOf<P> ? [options?: OptionsOf<P>] : [options: OptionsOf<P>];
type PositionalArguments<
  P extends Parameters,
  Key extends keyof OptionsOf<P>,
> = undefined extends OptionsOf<P>[Key]
  ? [value?: OptionsOf<P>[Key], options?: Omit<OptionsOf<P>, Key>]
  : [value: OptionsOf<P>[Key], options?: Omit<OptionsOf<P>, Key>];

/** Declares an image operator whose options are all named: `color({ factor: 1.5 })`. */
export function defineOperator<const P extends Parameters, Drawn = ValuesOf<P>>(
  definition: ImageOperator<P, Drawn>,
): OperatorFactory<OptionArguments<P>, ImageOperator<P, Drawn>> {
  return factory(definition, 'image');
}

/** Declares an image operator with one leading positional parameter: `randomResizedCrop(224, { scale })`. */
export function definePositionalOperator<
  const P extends Parameters,
  Key extends keyof OptionsOf<P> & string,
  Drawn = ValuesOf<P>,
>(
  key: Key,
  definition: ImageOperator<P, Drawn>,
): OperatorFactory<PositionalArguments<P, Key>, ImageOperator<P, Drawn>> {
  return factory(definition, 'image', key);
}

/** Declares the decode or the normalize step, or one that erases parts of tensors. */
export function definePhase<
  const P extends Parameters,
  D extends DecodeOperator<P> | NormalizeOperator<P> | TensorOperator<P>,
>(definition: D & { readonly parameters: P }): OperatorFactory<OptionArguments<P>, D> {
  return factory(definition, definition.phase);
}

/** Declares an operator on whole batches whose options are all named: `mix({ mixup: 0.8, cutmix: 1 })`. */
export function defineNamedBatchOperator<const P extends Parameters>(
  definition: BatchOperator<P>,
): OperatorFactory<OptionArguments<P>, BatchOperator<P>> {
  return factory(definition, 'batch');
}

/** Declares an operator on whole batches, with one leading positional parameter: `mixup(0.2)`. */
export function defineBatchOperator<const P extends Parameters, Key extends keyof OptionsOf<P> & string>(
  key: Key,
  definition: BatchOperator<P>,
): OperatorFactory<PositionalArguments<P, Key>, BatchOperator<P>> {
  return factory(definition, 'batch', key);
}

// biome-ignore-start lint/suspicious/noExplicitAny: the public signatures give the types.
/** @param operatorFor makes the operator of a step, where it is not the definition itself */
export function factory(
  definition: any,
  phase: Phase,
  positional?: string,
  operatorFor = (_options: unknown): unknown => definition,
): any {
  // biome-ignore-end lint/suspicious/noExplicitAny: as above.
  const { name, version = 1, module } = definition as AnyOperator;
  if (typeof module !== 'string')
    throw invalidParameter(name, 'module', 'the URL of the module that exports it (import.meta.url)', module);
  const make = (...args: unknown[]) => {
    if (isStepTarget(args[0])) throw notCalled(name);
    const options = positional === undefined ? firstOf(args) : withLeading(positional, args);
    const parameters = resolveParameters(name, definition.parameters, options);
    definition.check?.(parameters);
    return makeStep({ name, version, phase, parameters, module }, operatorFor(options));
  };
  // by which messages call it
  Object.defineProperty(make, 'name', { value: name });
  return Object.assign(make, { definition, positional });
}

/** `pipe(invert)` instead of `pipe(invert())`. */
const notCalled = (name: string): ParameterError =>
  new ParameterError('NOT_AN_OPERATOR', `${name}: makes a step, and was not called: pipe(${name}(...))`);

const firstOf = ([options = {}]: readonly unknown[]): unknown => options;

/** Joins the leading value with the options; options that are no object are passed on, to be refused. */
const withLeading = (key: string, [value, options = {}]: readonly unknown[]): unknown =>
  typeof options === 'object' ? { ...options, [key]: value } : options;
