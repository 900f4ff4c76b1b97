import { type MatrixShape, QUARTER } from './matrix-shape.ts';

/** WGSL's types name columns before rows. */
export const matrixTypes = ({ m, n, k, result }: MatrixShape) => ({
  left: `subgroup_matrix_left<f16, ${k}, ${m}>`,
  right: `subgroup_matrix_right<f16, ${n}, ${k}>`,
  result: `subgroup_matrix_result<${result}, ${n}, ${m}>`,
});

/** How many matrices a quarter of the tile has. */
export const matrixCount = ({ m, n }: MatrixShape): number => (QUARTER / m) * (QUARTER / n);

/** A line for each matrix of a quarter, by its place among `products`, its row and its column. */
export function forEachMatrix(
  config: MatrixShape,
  line: (at: number, i: number, j: number) => string,
): string {
  const columns = QUARTER / config.n;
  const lines = Array.from({ length: matrixCount(config) }, (_, at) =>
    line(at, Math.floor(at / columns), at % columns),
  );
  return lines.join('\n');
}

/** Stores a quarter's matrices into an array whose rows have `stride` elements. */
export const storeQuarter = (config: MatrixShape, array: string, from: string, stride: number): string =>
  forEachMatrix(
    config,
    (at, i, j) =>
      `subgroupMatrixStore<row_major>(&${array}, ${from} + ${i * config.m * stride + j * config.n}u, products[${at}], ${stride}u);`,
  );
