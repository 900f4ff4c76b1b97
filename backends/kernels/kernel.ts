import type { Box, RawImage, Size } from '../../src/core/image.ts';

/**
 * The contract of an image kernel: u8 RGB in, u8 RGB out. A kernel's folder holds its meaning (<name>.ts: argument layout
 * and scalar reference), its AssemblyScript (<name>.as.ts) and its WGSL (<name>.wgsl.ts, shader.ts). The layout is declared
 * once; from it come the argument types, the parameter order of the WASM export and the WGSL struct.
 *
 * The WASM export has the kernel's name in camelCase and the parameters (source: usize, target: usize, width: i32,
 * height: i32, one for each field in the layout's order, then scratch: usize where `scratchBytes` is declared); width
 * and height are the input's, a table is its address. Addresses are multiples of 16, and 64 bytes after an image may be
 * read and written over.
 */

type TableType = 'u8' | 'i32' | 'u32';
type TableArray = { u8: Uint8Array; i32: Int32Array; u32: Uint32Array };

/** A 32-bit argument of a call. */
export interface ScalarField<Type extends 'i32' | 'u32' | 'f32' = 'i32' | 'u32' | 'f32'> {
  readonly kind: 'scalar';
  readonly type: Type;
}
/** An argument that is an array, passed by address; equal tables may be shared between calls. */
export interface TableField<Type extends TableType = TableType> {
  readonly kind: 'table';
  readonly type: Type;
}
export type Field = ScalarField | TableField;
export type Layout = Readonly<Record<string, Field>>;

export const i32: ScalarField<'i32'> = { kind: 'scalar', type: 'i32' };
export const u32: ScalarField<'u32'> = { kind: 'scalar', type: 'u32' };
export const f32: ScalarField<'f32'> = { kind: 'scalar', type: 'f32' };
export const table = <Type extends TableType>(type: Type): TableField<Type> => ({ kind: 'table', type });

export type ArgumentsOf<L extends Layout> = {
  readonly [Name in keyof L]: L[Name] extends TableField<infer Type> ? TableArray[Type] : number;
};

export interface KernelDefinition<L extends Layout = Layout> {
  /** Name of the folder, the file, the WASM export and the WGSL entry point. */
  readonly name: string;
  readonly layout: L;
  /** How many passes over the image a call takes, each from u8 to u8; left out for one. */
  readonly passes?: 1 | 2;
  /** How often a call does to the image what one pass of its WGSL does; left out for once. */
  readonly rounds?: number;
  /** Whether a call first makes a table of its whole input, through which it sends the pixels; left out where not. */
  readonly measuresInput?: boolean;
  /** Throws ParameterError for arguments that would be read beyond their end, or mean nothing. */
  check?(args: ArgumentsOf<L>): void;
  /** Size of the output; left out where it is the input's. */
  outputSize?(args: ArgumentsOf<L>, input: Size): Size;
  /** Bytes of working memory that the WASM export needs, given by address as its last parameter; left out for none. */
  scratchBytes?(args: ArgumentsOf<L>, input: Size): number;
  /** One call that does what `first` and then `second` do, bit for bit; undefined where there is none. */
  fuse?(first: ArgumentsOf<L>, second: ArgumentsOf<L>): ArgumentsOf<L> | undefined;
  /** The part of the input that the call reads; left out where it reads all of it. */
  reads?(args: ArgumentsOf<L>): Box;
  /** The call that does the same on the input from (left, top) on, of which `reads` is a part. */
  onPart?(args: ArgumentsOf<L>, left: number, top: number): ArgumentsOf<L>;
  /** The meaning. `output` has room for the output image and never overlaps the input. */
  reference(args: ArgumentsOf<L>, input: RawImage, output: Uint8Array): void;
}

/** A kernel is called to make a call: `lut({ tables })` is the description of work, not the work. */
export interface Kernel<L extends Layout = Layout> extends KernelDefinition<L> {
  readonly passes: 1 | 2;
  readonly rounds: number;
  readonly measuresInput: boolean;
  /** Name of the WASM export. */
  readonly exportName: string;
  /** Those of the layout, in its order. */
  readonly fieldNames: readonly string[];
  (args: ArgumentsOf<L>): KernelCall;
}

/** One step of a sample's program. Plain data but for `kernel`, which backends look up by name. */
export interface KernelCall {
  // biome-ignore lint/suspicious/noExplicitAny: a list of calls mixes layouts; each kernel checks its own.
  readonly kernel: Kernel<any>;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  readonly args: any;
}

export function defineKernel<const L extends Layout>(definition: KernelDefinition<L>): Kernel<L> {
  const call = (args: ArgumentsOf<L>): KernelCall => {
    definition.check?.(args);
    return { kernel, args };
  };
  const { name, ...properties } = definition;
  const defaults = { passes: 1, rounds: 1, measuresInput: false } as const;
  const exportName = camelCase(name);
  const fieldNames = Object.keys(definition.layout);
  const own = { ...defaults, ...properties, exportName, fieldNames } as const;
  const kernel: Kernel<L> = Object.assign(call, own);
  Object.defineProperty(kernel, 'name', { value: name });
  return kernel;
}

/** A kernel's name as that of its WASM export and its WGSL function. */
export const camelCase = (name: string): string =>
  name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

export function outputSize(call: KernelCall, input: Size): Size {
  return call.kernel.outputSize?.(call.args, input) ?? input;
}

/**
 * Joins neighbouring calls of one kernel where the kernel knows how (adjacent tables, crop + resize + mirror), which saves
 * work and changes no pixel. Streams do it once, where a program is drawn (src/engine/plan/program.ts).
 */
export function fuseCalls(calls: readonly KernelCall[]): KernelCall[] {
  const fused: KernelCall[] = [];
  for (const call of calls) {
    const joined = fuseTwo(fused.at(-1), call);
    if (joined === undefined) fused.push(call);
    else fused[fused.length - 1] = joined;
  }
  return fused;
}

/** One call that does what both do, one after the other; undefined where there is none. */
export function fuseTwo(first: KernelCall | undefined, second: KernelCall): KernelCall | undefined {
  if (first?.kernel !== second.kernel) return undefined;
  const args = second.kernel.fuse?.(first.args, second.args);
  return args === undefined ? undefined : second.kernel(args);
}

/** The part of an image that a call reads. */
export function readBox({ kernel, args }: KernelCall, image: Box): Box {
  return kernel.reads !== undefined && kernel.onPart !== undefined ? kernel.reads(args) : image;
}

/** The same program on a part of its image, of which the first call reads no more. */
export function callsOnPart(calls: readonly KernelCall[], { left, top }: Box): readonly KernelCall[] {
  const [first, ...rest] = calls;
  if (first === undefined || (left === 0 && top === 0)) return calls;
  const args = first.kernel.onPart?.(first.args, left, top);
  return args === undefined ? calls : [first.kernel(args), ...rest];
}
