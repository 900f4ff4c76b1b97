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
 * `AffineNearest` is a struct made from `layout`, a table in it being the index of its first word in `program`; `image` is
 * the input. What a shader may use beside is in backends/gpu/wgsl/prelude.wgsl.ts.
 */
export interface Shader {
  readonly kernel: Kernel;
  /** The arguments that the shader takes: the kernel's own unless `prepare` makes others of them. */
  readonly layout: Layout;
  prepare(args: object, tables: ResidentTables, input: Size): Readonly<Record<string, Prepared>>;
  readonly source: string;
  /** Of a kernel of two passes: the size of the image between them. Its source declares other functions. */
  betweenSize?(args: Readonly<Record<string, Prepared>>): Size;
}

/** What a field's words are made of: a number, or the words of a table that goes up with the batch. */
export type Prepared = number | Int32Array | Uint32Array;

/** Tables that stay on the device, for as long as there is room. */
export interface ResidentTables {
  /** The table of this key, made where it is not there yet. Equal keys must mean equal tables. */
  get(key: string, make: () => Int32Array | Uint32Array): ResidentTable;
}

export interface ResidentTable {
  /** Index of its first word in `resident`. */
  readonly at: number;
  readonly words: Int32Array | Uint32Array;
}

/** A shader that takes its kernel's own arguments. */
export function defineShader<L extends Layout>(kernel: Kernel<L>, source: string): Shader {
  const prepare = (args: object) => args as Readonly<Record<string, Prepared>>;
  return { kernel: kernel as unknown as Kernel, layout: kernel.layout, prepare, source };
}

/** A shader whose arguments are made from its kernel's on the CPU, where those are no integers or need tables. */
export function definePreparedShader<L extends Layout, const D extends Layout>(
  kernel: Kernel<L>,
  definition: {
    readonly layout: D;
    prepare(args: ArgumentsOf<L>, tables: ResidentTables, input: Size): ArgumentsOf<D>;
    readonly source: string;
    betweenSize?(args: ArgumentsOf<D>): Size;
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
    ([field, { kind, type }]) => `  ${field}: ${kind === 'table' ? 'u32' : type},`,
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

function readWord({ kind, type }: Field, index: number): string {
  const word = `program[at + ${index}u]`;
  return kind === 'scalar' && type === 'i32' ? `bitcast<i32>(${word})` : word;
}
