import { type MatrixShape, QUARTER, TILE } from './matrix-shape.ts';
import { matrixCount, matrixTypes, storeQuarter } from './matrix-text.ts';
import type { Sums } from './sums.ts';

/** For matrix units that sum in float32: their own results are the sums. */
export const exactSums = (config: MatrixShape): Sums => ({
  start: `var products = array<${matrixTypes(config).result}, ${matrixCount(config)}>();
`,
  afterTerms: '',
  toCs: `if (sid / 2u == part) {
${storeQuarter(config, 'Cs', `sid % 2u * ${QUARTER}u`, TILE)}
}`,
});
