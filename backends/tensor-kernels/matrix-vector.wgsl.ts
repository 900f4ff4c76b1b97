/** A product of a matrix and a vector by the 256 threads of a workgroup: what its terms are and where its results go. */
export interface MatrixVector {
  /** Texts of the number of results, and of the terms of one. */
  readonly results: string;
  readonly terms: string;
  /** How many threads share a result: each adds every so many-th term, and their sums are added in order. */
  readonly lanes: number;
  /** Neighbours in memory, which neighbouring threads load: terms of a result, or results. */
  readonly neighbours: 'terms' | 'results';
  /** Text of term `k` of result `i`. */
  readonly term: string;
  /** Statements that store `sum`, of result `i`. */
  readonly put: string;
}

export const matrixVectorDeclarations = 'var<workgroup> laneSums: array<f32, 256>;';

/** Statements in uniform control flow; the thread is named `local`. Afterwards `laneSums` is free. */
export function matrixVector({ results, terms, lanes, neighbours, term, put }: MatrixVector): string {
  const atOnce = 256 / lanes;
  const [result, lane, stride] =
    neighbours === 'terms'
      ? [`local / ${lanes}u`, `local % ${lanes}u`, 1]
      : [`local % ${atOnce}u`, `local / ${atOnce}u`, atOnce];
  return /* wgsl */ `
  for (var first = 0u; first < ${results}; first += ${atOnce}u) {
    let i = first + ${result};
    var sum = 0.0;
    if (i < ${results}) {
      for (var k = ${lane}; k < ${terms}; k += ${lanes}u) { sum += ${term}; }
    }
    laneSums[local] = sum;
    workgroupBarrier();
    if (${lane} == 0u && i < ${results}) {
      for (var lane = 1u; lane < ${lanes}u; lane++) { sum += laneSums[local + ${stride}u * lane]; }
      ${put}
    }
    workgroupBarrier();
  }`;
}
