import { runInNewContext } from 'node:vm';
import { fromHalf, toHalf } from '../../src/core/half.ts';

interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

type Values = Float64Array;
type Shader = (lid: number, sid: number) => Generator<void>;

/**
 * Runs one workgroup of a shader that is made of a matrix product's pieces, as JavaScript: there are matrix units in no
 * machine that tests run on. It knows the WGSL that such shaders have, and nothing more.
 *
 * @param subgroupSize how many invocations have a subgroup in common
 * @param buffers the values of its storage buffers by name; it writes into them
 */
export function runMatrixShader(
  code: string,
  subgroupSize: number,
  buffers: Readonly<Record<string, Values>>,
): void {
  const workgroup = [...code.matchAll(/var<workgroup> (\w+): array<\w+, (\d+)>;/g)].map(
    ([, name = '', size]) => [name, new Float64Array(Number(size)).fill(Number.NaN)] as const,
  );
  const context = { ...buffers, ...Object.fromEntries(workgroup), ...functions };
  const main = runInNewContext(`${toJavaScript(code)}; main`, context) as Shader;
  const invocations = Number(/@workgroup_size\((\d+)\)/.exec(code)?.[1]);
  const running = Array.from({ length: invocations }, (_, lid) => main(lid, Math.floor(lid / subgroupSize)));
  // each time as far as the next barrier
  for (let ended = 0; ended === 0; ) {
    ended = running.filter((invocation) => invocation.next().done === true).length;
    if (ended > 0 && ended < invocations) throw new Error('a barrier that not all invocations reach');
  }
}

const toJavaScript = (code: string): string =>
  code
    .replaceAll(/^(enable|@group|var<workgroup>|@compute).*$/gm, '')
    .replace(/fn main\([^{]*\{/, 'function* main(lid, sid) {')
    .replaceAll(/\b(\d+)u\b/g, '$1')
    .replaceAll(/(\w+) \/ (\d+)/g, 'Math.floor($1 / $2)')
    .replaceAll('workgroupBarrier()', 'yield')
    .replaceAll('(var ', '(let ')
    .replaceAll(
      /var (\w+) = array<subgroup_matrix_result<\w+, (\d+), (\d+)>, (\d+)>\(\)/g,
      'const $1 = Array.from({ length: $4 }, () => zero($3, $2))',
    )
    .replaceAll(/var (\w+) = array<f32, (\d+)>\(\)/g, 'const $1 = new Float64Array($2)')
    .replaceAll(/subgroup_matrix_result<\w+, (\d+), (\d+)>\(\)/g, 'zero($2, $1)')
    .replaceAll(/subgroupMatrixLoad<\w+<f16, (\d+), (\d+)>, (\w+)>\(&/g, 'load($2, $1, "$3", ')
    .replaceAll('subgroupMatrixMultiplyAccumulate', `add${/_result<(f\d\d)/.exec(code)?.[1]}`)
    .replaceAll('subgroupMatrixStore<row_major>(&', 'store(')
    .replaceAll(/\bf32\(/g, 'Number(');

const zero = (rows: number, columns: number): Matrix => ({
  ...{ rows, columns },
  values: new Float64Array(rows * columns),
});

function load(rows: number, columns: number, order: string, from: Values, offset: number, stride: number) {
  const [down, right] = order === 'row_major' ? [stride, 1] : [1, stride];
  const values = Float64Array.from({ length: rows * columns }, (_, at) => {
    const value = from[offset + Math.floor(at / columns) * down + (at % columns) * right];
    return value ?? Number.NaN;
  });
  return { rows, columns, values };
}

function multiplyAdd(left: Matrix, right: Matrix, sums: Matrix): Matrix {
  const { rows, columns } = sums;
  if (left.columns !== right.rows || left.rows !== rows || right.columns !== columns)
    throw new Error('the sizes of the matrices do not agree');
  const values = sums.values.map((sum, at) => {
    let total = sum;
    for (let term = 0; term < left.columns; term++)
      total +=
        (left.values[Math.floor(at / columns) * left.columns + term] ?? 0) *
        (right.values[term * columns + (at % columns)] ?? 0);
    return total;
  });
  return { rows, columns, values };
}

function store(to: Values, offset: number, { columns, values }: Matrix, stride: number): void {
  values.forEach((value, at) => {
    to[offset + Math.floor(at / columns) * stride + (at % columns)] = value;
  });
}

const functions = {
  ...{ zero, load, store },
  addf32: multiplyAdd,
  /** Rounded as float16 is. */
  addf16(...[left, right, sums]: Parameters<typeof multiplyAdd>): Matrix {
    const exact = multiplyAdd(left, right, sums);
    return { ...exact, values: exact.values.map((value) => fromHalf(toHalf(value))) };
  },
};
