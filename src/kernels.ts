/**
 * `millrace/kernels`: the calls that an operator of one's own is made of (docs/your-own-operator.md). Its `lower` returns a
 * list of them; every backend runs them and gives the same bytes. `millrace` itself has `defineOperator`.
 */
export { type AffineMap, affine, rotation } from '../backends/kernels/affine/affine.ts';
export type { AffineMatrix } from '../backends/kernels/affine/matrix.ts';
export { blurCalls } from '../backends/kernels/box-blur/calls.ts';
export { hue as hueCall } from '../backends/kernels/hue/hue.ts';
export type { KernelCall } from '../backends/kernels/kernel.ts';
export { lut, sameTables } from '../backends/kernels/lut/lut.ts';
export type { Rgb } from '../backends/kernels/pixel.ts';
export { cropCall, type Interpolation, mirrorCall, resizeCall } from '../backends/kernels/resample/calls.ts';
export { saturation } from '../backends/kernels/saturation/saturation.ts';
export { sharpen } from '../backends/kernels/sharpen/sharpen.ts';
export { Statistic, statisticsLut } from '../backends/kernels/statistics-lut/statistics-lut.ts';
