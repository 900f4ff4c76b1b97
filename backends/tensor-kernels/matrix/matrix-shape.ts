/** What a matrix unit computes at once: m x k float16 times k x n float16, summed in `result`. */
export interface MatrixShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly result: 'f32' | 'f16';
}

/** Rows and columns of the result of which each subgroup computes a quarter, and terms between two fillings. */
export const TILE = 64;
export const QUARTER = 32;
export const DEPTH = 32;

/** A workgroup has a subgroup for each quarter of its tile. */
export const QUARTERS = 4;

/** Invocations of a workgroup: sums of its output have room for so many. */
export const MOST_INVOCATIONS = 256;

/** Whether quarters are made up of whole matrices. */
export const fitsTile = ({ m, n, k }: Pick<MatrixShape, 'm' | 'n' | 'k'>): boolean =>
  [m, n, k].every((size) => QUARTER % size === 0);
