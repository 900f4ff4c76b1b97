import type { MatrixShape } from './matrix/matrix-shape.ts';

/**
 * What a kernel's WGSL is written for. In its text stand, beside WGSL's own:
 *
 * - `p.<name>`: a parameter. Constants come as numbers in `constants`.
 * - `<operand>_at(i: u32)` and `<operand>_put(i: u32, value)`: the i-th group of 4 values (vec4f) of an operand of width 4, or
 *   the i-th value (f32; u32 where the tensor holds u32) of one of width 1. Values are float32 here, rounded where stored.
 *   An operand with access `atomic` is the variable `<operand>: array<atomic<u32>>` itself.
 * - `<operand>(row: u32, c: u32) -> vec4f`: a lazy operand's values at channels 4c..4c+3. Rows and channels must be in range.
 * - `rounded(v: vec4f) -> vec4f`: as stored and loaded again; Mesa's compiler leaves it out. `Factor` is the type of a factor
 *   of a product in workgroup memory (f16 where the device computes with it, else f32): `Factor4(v: vec4f) -> vec4<Factor>`
 *   rounds to it.
 * - `sigmoid`, `silu`, `siluSlope` of vec4f; `sigmoid1`, `silu1`, `siluSlope1` of f32.
 * - `linearIndex(workgroup: vec3u, local: u32) -> u32`: of workgroups of 256 threads in the grid of `linearGroups`.
 */
export interface KernelForm {
  readonly constants: Readonly<Record<string, number>>;
  /** The type of `store`: float32; halves packed in u32, computed with in float32; f16. */
  readonly tier: Tier;
  /** The matrix units for products, where the device has them and the tier is `half`. */
  readonly matrix?: MatrixForm;
  /** Whether an optional operand is there. */
  has(operand: string): boolean;
  /** How many operands of a list there are. */
  count(operand: string): number;
  /** Sums of the output; its texts are empty where none are taken. */
  readonly epilogue: EpilogueText;
}

/** A workgroup has 4 subgroups of the size; 64 at most, so that the sums of an epilogue have room for its threads. */
export interface MatrixForm {
  readonly config: MatrixShape;
  /** The largest of the adapter's. */
  readonly subgroupSize: number;
}

export type Tier = 'float32' | 'packed' | 'half';

/**
 * For a kernel whose 256 threads are 16 columns (thread % 16: a group of 4 channels) of 16 lanes (thread / 16: rows), of which
 * each adds its rows in ascending order; the thread is named `local`. `begin` stands before the first row, `add(value, row, c)` after each value of the
 * thread's column c, `finish(part, c)` at the end, in uniform control flow: it has barriers. `c` may be out of range there.
 * In a workgroup with fewer threads, the missing lanes count nothing.
 */
export interface EpilogueText {
  readonly declarations: string;
  readonly begin: string;
  add(value: string, row: string, c: string): string;
  finish(part: string, c: string): string;
}

/** Workgroups of 256 threads for so many, in two dimensions: one holds 65,535 at most. */
export function linearGroups(threads: number): [number, number, number] {
  const groups = Math.ceil(threads / 256);
  return [Math.min(groups, 65_535), Math.ceil(groups / 65_535), 1];
}
