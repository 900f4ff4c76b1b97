import { exactSums } from './exact-sums.ts';
import {
  DEPTH,
  fitsTile,
  type MatrixShape,
  MOST_INVOCATIONS,
  QUARTER,
  QUARTERS,
  TILE,
} from './matrix-shape.ts';
import { forEachMatrix, matrixTypes } from './matrix-text.ts';
import { roundedSums } from './rounded-sums.ts';

export interface ProductForm {
  readonly config: MatrixShape;
  /** The largest of the adapter's, and at most 64. Where the driver chooses a smaller one, the subgroups after the fourth only fill. */
  readonly subgroupSize: number;
  /** Whether the left tile's rows are rows of the result ([m][k], where it is not said) or terms ([k][m]). */
  readonly leftIs?: 'mk' | 'km';
  /** Whether the right tile's rows are columns of the result ([n][k]) or terms ([k][n]). */
  readonly rightIs: 'nk' | 'kn';
}

/** Pieces of WGSL; see `matrixProduct`. */
export interface MatrixProduct {
  readonly declarations: string;
  readonly start: string;
  readonly multiply: string;
  /** @param use statements that take 32 rows of the result from Cs */
  readonly finish: (use: string) => string;
  readonly workgroupSize: number;
}

/** What a shader with the pieces begins with. */
export const matrixExtensions = `enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
`;

/**
 * A product of matrices by the adapter's matrix units: 64 x 64 results a workgroup, of any number of terms. The shader
 * has the pieces in this order, and around them what is its own:
 *
 *     matrixExtensions
 *     declarations         As and Bs: [64][32] or [32][64] f16, Cs: [32][64] f32
 *     entry point          with lid (local_invocation_index) and sid (subgroup_id)
 *       start
 *       for each 32 terms
 *         ...              all invocations fill As and Bs
 *         multiply         begins and ends with a barrier
 *       finish(use)        runs `use` twice, for rows 32 * part + 0..31, with a barrier before and after
 *
 * All is in uniform control flow. The three arrays have 16 KiB, which every adapter has.
 */
export function matrixProduct(form: ProductForm): MatrixProduct {
  const { config, subgroupSize } = form;
  if (!fitsTile(config)) throw new RangeError(`no tile of ${config.m} x ${config.n} x ${config.k} matrices`);
  const workgroupSize = QUARTERS * subgroupSize;
  if (workgroupSize > MOST_INVOCATIONS)
    throw new RangeError(`subgroups of ${subgroupSize} make up too large a workgroup`);
  const sums = config.result === 'f32' ? exactSums(config) : roundedSums(config, workgroupSize);
  return {
    declarations: `var<workgroup> As: array<f16, ${TILE * DEPTH}>;
var<workgroup> Bs: array<f16, ${TILE * DEPTH}>;
var<workgroup> Cs: array<f32, ${QUARTER * TILE}>;
`,
    start: sums.start,
    multiply: `workgroupBarrier();
if (sid < ${QUARTERS}u) {
${multiplyAll(form)}
}
workgroupBarrier();
${sums.afterTerms}`,
    finish: (use) => `for (var part = 0u; part < 2u; part++) {
${sums.toCs}
workgroupBarrier();
${use}
workgroupBarrier();
}
`,
    workgroupSize,
  };
}

/** The quarters of a tile: 0 1 / 2 3. */
function multiplyAll(form: ProductForm): string {
  const { k } = form.config;
  const steps = Array.from({ length: DEPTH / k }, (_, step) => multiplyStep(form, step * k));
  return steps.join('\n');
}

/** All matrices of a quarter, of k terms: each is loaded once. */
function multiplyStep({ config, leftIs = 'mk', rightIs }: ProductForm, term: number): string {
  const { m, n } = config;
  const { left, right } = matrixTypes(config);
  const lefts = Array.from({ length: QUARTER / m }, (_, i) =>
    leftIs === 'mk'
      ? `let left${i} = subgroupMatrixLoad<${left}, row_major>(&As, sid / 2u * ${QUARTER * DEPTH}u + ${i * m * DEPTH + term}u, ${DEPTH}u);`
      : `let left${i} = subgroupMatrixLoad<${left}, col_major>(&As, sid / 2u * ${QUARTER}u + ${term * TILE + i * m}u, ${TILE}u);`,
  );
  const rights = Array.from({ length: QUARTER / n }, (_, j) =>
    rightIs === 'nk'
      ? `let right${j} = subgroupMatrixLoad<${right}, col_major>(&Bs, sid % 2u * ${QUARTER * DEPTH}u + ${j * n * DEPTH + term}u, ${DEPTH}u);`
      : `let right${j} = subgroupMatrixLoad<${right}, row_major>(&Bs, sid % 2u * ${QUARTER}u + ${term * TILE + j * n}u, ${TILE}u);`,
  );
  const products = forEachMatrix(
    config,
    (at, i, j) => `products[${at}] = subgroupMatrixMultiplyAccumulate(left${i}, right${j}, products[${at}]);`,
  );
  return `{\n${[...lefts, ...rights, products].join('\n')}\n}`;
}
