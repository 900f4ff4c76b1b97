import type { MatrixForm } from '../../backends/tensor-kernels/kernel-form.ts';

const square = (size: number) => ({ m: size, n: size, k: size });

/** The matrix units of vendors, as their drivers list them. */
export const matrixForms: readonly (readonly [vendor: string, MatrixForm])[] = [
  ['NVIDIA', { config: { ...square(16), result: 'f32' }, subgroupSize: 32 }],
  ['AMD', { config: { ...square(16), result: 'f32' }, subgroupSize: 64 }],
  ['Apple in float16', { config: { ...square(8), result: 'f16' }, subgroupSize: 32 }],
  ['Apple in float32', { config: { ...square(8), result: 'f32' }, subgroupSize: 32 }],
  ['Intel', { config: { m: 8, n: 16, k: 16, result: 'f32' }, subgroupSize: 32 }],
];
