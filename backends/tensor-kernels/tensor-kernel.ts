import type { Epilogue } from './epilogue.ts';
import type { KernelForm } from './kernel-form.ts';
import { distinctViews, type Lazy, viewsOf } from './lazy.ts';
import type { View } from './tensor.ts';

/**
 * The contract of a tensor kernel. Its folder holds the meaning (<name>.ts: operands, parameters, grid, scalar reference in
 * float64) and its WGSL (<name>.wgsl.ts). Tensors are rows of channels; channels are counted in groups of 4 where a name
 * ends in `4`. Sums of many terms are split by shape alone and added in one order.
 */
export interface KernelDefinition<
  Specs extends Readonly<Record<string, OperandSpec>>,
  Types extends ParameterTypes,
  Constant extends string,
> {
  readonly name: string;
  readonly operands: Specs;
  /** Numbers that differ from call to call: at most 16. A shader gets them as immediates. */
  readonly parameters: Types;
  /** Numbers that stand in a shader's text, such as the edge of a filter: another value is another shader. */
  readonly constants?: readonly Constant[];
  /** Where sums of the kernel's output can be taken while it is at hand. */
  readonly epilogue?: EpilogueSpec;
  /** Workgroups of a call, by its parameters and constants. */
  workgroups(p: Numbers<keyof Types | Constant>): readonly [x: number, y: number, z: number];
  /** The meaning. Lazy operands come as arrays [rows, channels]; operands that are not only read are written. */
  reference(operands: OperandArrays<Specs>, p: Numbers<keyof Types | Constant>): void;
  /** The body of the shader, with an entry point `main`; what it may use is in kernel-form.ts. */
  wgsl(form: KernelForm): string;
  /** How a CPU computes it: by <name>.as.ts, whose export has the kernel's name in camel case. */
  readonly wasm: WasmForm<keyof Types | Constant>;
}

/** A call on a CPU is a grid of tiles, each computed by one thread (see wasm-call.as.ts). */
export interface WasmForm<Name extends PropertyKey = string> {
  /** Tiles side by side and one below the other: by shape alone, since bits depend on them. */
  tiles(p: Numbers<Name>): readonly [columns: number, rows: number];
  /** The most rows of a lazy operand, or of an output whose sums are taken, that a tile has at a time. */
  tileRows?(p: Numbers<Name>): number;
  /** Bytes of scratch memory that a tile takes for itself; multiples of 16. */
  scratch?(p: Numbers<Name>): number;
  /** The operand of which the export is told whether it is float16, behind the constants. */
  readonly elementOf?: string;
  /** Operands that lie in panels (see panels.ts): by name, the parameters that say their outputs / 4 and inputs / 4. */
  readonly panels?: Readonly<Record<string, readonly [outputs4: Name, inputs4: Name]>>;
}

type ParameterTypes = Readonly<Record<string, 'u32' | 'f32'>>;

/** Parameters and constants of a call. */
export type Numbers<Name extends PropertyKey = string> = { readonly [N in Name]: number };

/** The operands' values: those of a list as a list. */
export type OperandArrays<Specs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends { isList: true }
    ? readonly Float64Array[]
    : Specs[Name] extends { isOptional: true }
      ? Float64Array | undefined
      : Float64Array;
};

// biome-ignore lint/suspicious/noExplicitAny: a list of calls mixes kernels; each reads its own operands and parameters.
export type TensorKernel = KernelDefinition<any, any, any>;

export interface OperandSpec {
  readonly access: 'read' | 'write' | 'update' | 'atomic';
  /** Values that the shader takes at a time. */
  readonly width: 1 | 4;
  /** The operand may be a lazy value; these parameters say its rows, its channels / 4, and the rows of a sample. */
  readonly lazy?: { readonly rows: string; readonly width: string; readonly sampleRows: string };
  readonly isOptional?: true;
  /** Whether there may be several: `name0`, `name1` ... */
  readonly isList?: true;
}

export interface EpilogueSpec {
  /** The operand that holds the output. */
  readonly of: string;
  /** The parameters that say the output's rows, its channels / 4, the rows of a sample, and the rows of a part. */
  readonly rows: string;
  readonly width: string;
  readonly sampleRows: string;
  readonly chunk: string;
}

/** Numbers that are known only when a step is made. */
export type StepNumber = 'learningRate' | 'bodyLearningRate' | 'lossFactor' | 'averageDecay';

/** A call of a program: plain data but for the kernel. A plan may add operands and an epilogue later. */
export interface TensorCall {
  readonly kernel: TensorKernel;
  /** The layer, and what for. */
  readonly label: string;
  /** The kind of work, by which `explain` and the benchmark add up. */
  readonly work: string;
  readonly operands: Record<string, View | Lazy>;
  readonly parameters: Record<string, number | StepNumber>;
  epilogue?: Epilogue;
}

/** Where a lazy operand, or an output whose sums are taken, has the call's rows, and channels / 4 of this name. */
export const channelRows = <const Width extends string>(width: Width) =>
  ({ rows: 'rows', width, sampleRows: 'sampleRows' }) as const;

export const isLazy = (operand: View | Lazy): operand is Lazy => 'kind' in operand;

export const defineTensorKernel = <
  const Specs extends Readonly<Record<string, OperandSpec>>,
  const Types extends ParameterTypes,
  const Constant extends string = never,
>(
  definition: KernelDefinition<Specs, Types, Constant>,
): TensorKernel => definition;

/** What the kernel says of a call's operand; those of a list are `name0`, `name1` ... */
export function specOf({ kernel }: TensorCall, operand: string): OperandSpec {
  const spec = kernel.operands[operand] ?? kernel.operands[operand.replace(/\d+$/, '')];
  if (spec === undefined) throw new Error(`${kernel.name} has no operand ${operand}`);
  return spec;
}

/** The parameters' values at a step. */
export function numbersOf(call: TensorCall, step: Readonly<Record<StepNumber, number>>): Numbers {
  const entries = Object.entries(call.parameters).map(([name, value]) => [
    name,
    typeof value === 'number' ? value : step[value],
  ]);
  return Object.fromEntries(entries);
}

/** The stored tensors that a call reads or writes, each view once. */
export function viewsOfCall({ operands, epilogue }: TensorCall): View[] {
  const views = Object.values(operands).flatMap((operand) =>
    isLazy(operand) ? viewsOf(operand) : [operand],
  );
  const terms = epilogue?.kind === 'sums' ? epilogue.terms.flatMap(viewsOf) : [];
  return distinctViews([...views, ...terms, ...(epilogue ? [epilogue.parts] : [])]);
}
