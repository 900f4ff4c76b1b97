import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compilePipelines } from '../../../../backends/gpu/device/compile-pipelines.ts';
import type { Gpu } from '../../../../backends/gpu/device/device.ts';
import { openNullDevice } from '../../../../backends/gpu/device/null-device.ts';
import { matrixProduct } from '../../../../backends/tensor-kernels/matrix/matrix-product.ts';
import type { MatrixShape } from '../../../../backends/tensor-kernels/matrix/matrix-shape.ts';
import { matrixForms } from '../../../support/matrix-forms.ts';
import { matrixKernel } from '../../../support/matrix-kernel.ts';
import { runMatrixShader } from '../../../support/run-matrix-shader.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openNullDevice();
});
afterAll(() => gpu.close());

const square = (size: number) => ({ m: size, n: size, k: size });
describe.each(matrixForms)('the matrix product of %s', (name, form) => {
  it.each([
    ['mk', 'nk'],
    ['mk', 'kn'],
    ['km', 'kn'],
  ] as const)('compiles without a message, of tiles as %s and %s', async (leftIs, rightIs) => {
    const code = matrixKernel({ ...form, leftIs, rightIs }, 64);
    const [pipeline] = await compilePipelines(gpu, [{ name, code, entryPoint: 'main', layout: 'auto' }]);
    expect(pipeline?.label).toBe(name);
    const { messages } = await gpu.device.createShaderModule({ code }).getCompilationInfo();
    expect(messages).toEqual([]);
    gpu.check();
  });
});

it('refuses matrices that do not make up a tile', () => {
  const config: MatrixShape = { m: 16, n: 16, k: 24, result: 'f32' };
  expect(() => matrixProduct({ config, subgroupSize: 32, rightIs: 'nk' })).toThrow('16 x 16 x 24');
});

it('refuses subgroups that make up a workgroup of more than 256', () => {
  const config: MatrixShape = { ...square(16), result: 'f32' };
  expect(() => matrixProduct({ config, subgroupSize: 128, rightIs: 'nk' })).toThrow('subgroups of 128');
});

const TERMS = 64;
/** Sums of 32 products are whole numbers that float16 has; those of 64 are not. */
const left = Float64Array.from({ length: 64 * TERMS }, (_, i) => 6 + ((i * 7 + Math.floor(i / TERMS)) % 5));
/** [terms][64] */
const right = Float64Array.from({ length: 64 * TERMS }, (_, i) => 3 + ((i * 5 + Math.floor(i / 64)) % 4));
const transposed = {
  left: left.map((_, i) => left[(i % 64) * TERMS + Math.floor(i / 64)] ?? 0),
  right: right.map((_, i) => right[(i % TERMS) * 64 + Math.floor(i / TERMS)] ?? 0),
};

const expected = Float64Array.from({ length: 64 * 64 }, (_, at) => {
  let sum = 0;
  for (let term = 0; term < TERMS; term++)
    sum += (left[Math.floor(at / 64) * TERMS + term] ?? 0) * (right[term * 64 + (at % 64)] ?? 0);
  return sum;
});

describe.each([
  ...matrixForms,
  ['small subgroups', { config: { ...square(8), result: 'f16' }, subgroupSize: 8 }],
  ['a form of its own', { config: { m: 16, n: 8, k: 32, result: 'f16' }, subgroupSize: 16 }],
] as const)('the matrix product of %s', (_, { config, subgroupSize }) => {
  it.each([
    ['mk', 'nk', subgroupSize],
    ['mk', 'kn', subgroupSize],
    ['km', 'kn', subgroupSize],
    // the driver chooses a smaller size than the largest
    ['mk', 'nk', subgroupSize / 2],
  ] as const)(
    'sums all terms of each result, of tiles as %s and %s, in subgroups of %d',
    (leftIs, rightIs, actual) => {
      const result = new Float64Array(64 * 64);
      const code = matrixKernel({ config, subgroupSize, leftIs, rightIs }, TERMS);
      const tiles = {
        left: leftIs === 'mk' ? left : transposed.left,
        right: rightIs === 'nk' ? transposed.right : right,
      };
      runMatrixShader(code, actual, { ...tiles, result });
      expect(result).toEqual(expected);
    },
  );
});
