import type { Size } from '../../src/core/image.ts';
import { type ArgumentsOf, camelCase, type Field, type Kernel, type Layout } from './kernel.ts';

/**
 * The contract of a kernel's WGSL, in <name>.wgsl.ts beside its reference. On the device a pixel is one u32,
 * R | G << 8 | B << 16, and all arithmetic is of integers: floating point is rounded and fused as each driver likes.
 *
 * `source` declares, for a kernel `affine-nearest`, one function of one output pixel:
 *
 *     fn affineNearest(call: AffineNearest, image: Image, x: u32, y: u32) -> u32
 *
 * `AffineNearest` is a struct made from `layout`, a table in it being the index of its first word in `program`, or in
 * `resident` where it is one that stays on the device; `image` is the input. What a shader may use beside is in backends/gpu/wgsl/prelude.wgsl.ts.
 */
export interface Shader {
  readonly kernel: Kernel;
  /** The arguments that the shader takes: the kernel's own unless `prepare` makes others of them. */
  readonly layout: DeviceLayout;
  prepare(args: object, tables: ResidentTables, input: Size): Readonly<Record<string, Prepared>>;
  readonly source: string;
  /** Of a kernel of two passes: the size of the image between them. Its source declares other functions. */
  betweenSize?(args: Readonly<Record<string, Prepared>>): Size;
}

/** What a field's words are made of: a number, or the words of a table that goes up with the batch, or one that stays. */
export type Prepared = number | Int32Array | Uint32Array | ResidentTable | undefined;

/** How tables of a kind are made: from whole numbers of 32 bits alone, so that any thread can make the same one. */
export interface TableDefinition {
  readonly name: string;
  make(...parameters: readonly number[]): MadeTable;
}

export interface MadeTable {
  readonly words: Int32Array | Uint32Array;
  /** What other arguments of the program need to know of it. */
  readonly facts?: readonly number[];
}

/** An argument that is a table which stays on the device, for as long as there is room; left out: 0. */
export interface ResidentField {
  readonly kind: 'resident';
  readonly definition: TableDefinition;
}
export const residentTable = (definition: TableDefinition): ResidentField => ({
  kind: 'resident',
  definition,
});

export interface ResidentTable {
  readonly parameters: readonly number[];
  readonly facts: readonly number[];
  /** May be there, to save making them again. */
  readonly words: Int32Array | Uint32Array | undefined;
}

/** Gives the tables that a program asks for. */
export interface ResidentTables {
  get(definition: TableDefinition, ...parameters: readonly number[]): ResidentTable;
}

export type DeviceLayout = Readonly<Record<string, Field | ResidentField>>;
export type DeviceArguments<D extends DeviceLayout> = {
  readonly [Name in keyof D]: D[Name] extends Field
    ? ArgumentsOf<Readonly<Record<Name, D[Name]>>>[Name]
    : ResidentTable | undefined;
};

/** A shader that takes its kernel's own arguments. */
export function defineShader<L extends Layout>(kernel: Kernel<L>, source: string): Shader {
  const prepare = (args: object) => args as Readonly<Record<string, Prepared>>;
  return { kernel: kernel as unknown as Kernel, layout: kernel.layout, prepare, source };
}

/** A shader whose arguments are made from its kernel's on the CPU, where those are no integers or need tables. */
export function definePreparedShader<L extends Layout, const D extends DeviceLayout>(
  kernel: Kernel<L>,
  definition: {
    readonly layout: D;
    prepare(args: ArgumentsOf<L>, tables: ResidentTables, input: Size): DeviceArguments<D>;
    readonly source: string;
    betweenSize?(args: DeviceArguments<D>): Size;
  },
): Shader {
  return { ...(definition as unknown as Shader), kernel: kernel as unknown as Kernel };
}

export const pascalCase = (name: string): string => camelCase(`-${name}`);

/** The struct of a shader's arguments, and a function that reads one from `program`. */
export function argumentStruct({ kernel, layout }: Pick<Shader, 'kernel' | 'layout'>): string {
  const name = pascalCase(kernel.name);
  const fields = Object.entries(layout);
  const declarations = fields.map(
    ([name, field]) => `  ${name}: ${field.kind === 'scalar' ? field.type : 'u32'},`,
  );
  const values = fields.map(([, field], i) => `    ${readWord(field, i)},`);
  return `struct ${name} {
${declarations.join('\n')}
}

fn read${name}(at: u32) -> ${name} {
  return ${name}(
${values.join('\n')}
  );
}
`;
}

/** Tables that go up with the batch stand behind the arguments: their place is told from there, wherever that may be. */
function readWord(field: Field | ResidentField, index: number): string {
  const word = `program[at + ${index}u]`;
  if (field.kind === 'table') return `at + ${word}`;
  return field.kind === 'scalar' && field.type === 'i32' ? `bitcast<i32>(${word})` : word;
}
