import { DEPTH, type MatrixShape, QUARTER, QUARTERS, TILE } from './matrix-shape.ts';
import { forEachMatrix, matrixCount, matrixTypes, storeQuarter } from './matrix-text.ts';
import type { Sums } from './sums.ts';

/**
 * For matrix units that sum in float16: each invocation adds what 32 terms give to float32 sums of its own. The tiles'
 * arrays carry it from the matrices, the left half of the columns in As and the right half in Bs.
 */
export function roundedSums(config: MatrixShape, workgroupSize: number): Sums {
  const { result } = matrixTypes(config);
  /** Of an invocation, in each half of the columns. */
  const cells = (TILE * QUARTER) / workgroupSize;
  const quarter = `sid / 2u * ${QUARTER * DEPTH}u`;
  return {
    start: `var products = array<${result}, ${matrixCount(config)}>();
var leftSums = array<f32, ${cells}>();
var rightSums = array<f32, ${cells}>();
`,
    afterTerms: `if (sid < ${QUARTERS}u) {
if (sid % 2u == 0u) {
${storeQuarter(config, 'As', quarter, QUARTER)}
} else {
${storeQuarter(config, 'Bs', quarter, QUARTER)}
}
${forEachMatrix(config, (at) => `products[${at}] = ${result}();`)}
}
workgroupBarrier();
for (var i = 0u; i < ${cells}u; i++) {
let cell = lid + i * ${workgroupSize}u;
leftSums[i] += f32(As[cell]);
rightSums[i] += f32(Bs[cell]);
}
workgroupBarrier();
`,
    toCs: `for (var i = 0u; i < ${cells / 2}u; i++) {
let cell = lid + i * ${workgroupSize}u;
let at = cell / ${QUARTER}u * ${TILE}u + cell % ${QUARTER}u;
Cs[at] = leftSums[part * ${cells / 2}u + i];
Cs[at + ${QUARTER}u] = rightSums[part * ${cells / 2}u + i];
}`,
  };
}
