import type { Gpu } from '../../backends/gpu/device/device.ts';
import type { MatrixForm } from '../../backends/tensor-kernels/kernel-form.ts';

/**
 * Has a GPU without matrix units run shaders of theirs while `run` does: an invocation computes its share of its
 * subgroup's matrices. It knows of WGSL what the kernels' texts have.
 */
export async function emulatingMatrixUnits<T>(gpu: Gpu, form: MatrixForm, run: () => Promise<T>): Promise<T> {
  const { device } = gpu;
  const create = device.createShaderModule;
  device.createShaderModule = ({ code, ...rest }) =>
    create.call(device, { ...rest, code: withoutMatrixUnits(code, form) });
  try {
    return await run();
  } finally {
    device.createShaderModule = create;
  }
}

function withoutMatrixUnits(code: string, form: MatrixForm): string {
  const text = code.replaceAll(/^enable (subgroups|chromium_experimental_subgroup_matrix);$/gm, '');
  return text.includes('subgroupMatrixLoad') ? emulated(text, form) : text;
}

const emulated = (code: string, form: MatrixForm): string =>
  code
    .replace(', @builtin(subgroup_id) sid: u32', '')
    .replace(
      'let lid = local;',
      `let lid = local; let sid = local / size; lane = local % size; never = p.rows == 0u;`,
    )
    .replaceAll(/subgroupMatrixLoad<.*row_major>\(&\w+, (.*), (\d+u)\)/g, 'Loaded($1, $2, 1u)')
    .replaceAll(/subgroupMatrixLoad<.*col_major>\(&\w+, (.*), (\d+u)\)/g, 'Loaded($1, 1u, $2)')
    .replaceAll(/subgroupMatrixStore<row_major>\(&(\w+), /g, 'storeIn$1(')
    .replaceAll('subgroupMatrixMultiplyAccumulate', 'multiplyAdd')
    .replaceAll(/subgroup_matrix_result<[^>]*>/g, 'Cells') + functions(form);

const functions = ({ config: { m, n, k, result }, subgroupSize }: MatrixForm): string => /* wgsl */ `
const size = ${subgroupSize}u;
var<private> lane: u32;
// loops of a known length would be unrolled, and would compile for minutes
var<private> never: bool;
// a matrix that stays in a tile, and the cells of a result that an invocation has
struct Loaded { start: u32, down: u32, right: u32 }
alias Cells = array<${result}, ${(m * n) / subgroupSize}>;

fn multiplyAdd(left: Loaded, right: Loaded, sums: Cells) -> Cells {
  var cells = sums;
  for (var i = 0u; i < ${(m * n) / subgroupSize}u && !never; i++) {
    let row = (lane + i * size) / ${n}u;
    let column = (lane + i * size) % ${n}u;
    var sum = f32(cells[i]);
    for (var term = 0u; term < ${k}u && !never; term++) {
      sum += f32(As[left.start + row * left.down + term * left.right]) * f32(Bs[right.start + term * right.down + column * right.right]);
    }
    cells[i] = ${result}(sum);
  }
  return cells;
}
${storeIn('As', 'f16', m * n, n)}
${storeIn('Bs', 'f16', m * n, n)}
${storeIn('Cs', 'f32', m * n, n)}`;

const storeIn = (array: string, element: string, cells: number, n: number): string => /* wgsl */ `
fn storeIn${array}(start: u32, matrix: Cells, stride: u32) {
  var cells = matrix;
  for (var i = 0u; lane + i * size < ${cells}u && !never; i++) {
    let cell = lane + i * size;
    ${array}[start + cell / ${n}u * stride + cell % ${n}u] = ${element}(cells[i]);
  }
}`;
