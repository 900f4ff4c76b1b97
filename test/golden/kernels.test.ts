import { describe, expect, it } from 'vitest';
import type { Executor } from '../../backends/backend.ts';
import { cpuBackend } from '../../backends/cpu/executor.ts';
import { gpuBackend } from '../../backends/gpu/executor.ts';
import { type AffineInterpolation, affine, rotation } from '../../backends/kernels/affine/affine.ts';
import type { AffineMatrix } from '../../backends/kernels/affine/matrix.ts';
import { blend } from '../../backends/kernels/blend.ts';
import { blurCalls } from '../../backends/kernels/box-blur/calls.ts';
import { hue } from '../../backends/kernels/hue/hue.ts';
import type { KernelCall } from '../../backends/kernels/kernel.ts';
import { lut, sameTables } from '../../backends/kernels/lut/lut.ts';
import type { Rgb } from '../../backends/kernels/pixel.ts';
import { saturation } from '../../backends/kernels/saturation/saturation.ts';
import { sharpen } from '../../backends/kernels/sharpen/sharpen.ts';
import { Statistic, statisticsLut } from '../../backends/kernels/statistics-lut/statistics-lut.ts';
import { referenceBackend } from '../../backends/reference/executor.ts';
import type { Size } from '../../src/core/image.ts';
import { resultOf } from '../support/executors.ts';
import { isWithoutGpu } from '../support/gpu.ts';
import { firstDifference, type Golden, readGoldens } from './kernel-goldens.ts';

type Lower<Parameters> = (parameters: Parameters, size: Size) => readonly KernelCall[];
interface Geometry {
  readonly rotation?: number;
  readonly matrix?: AffineMatrix;
  readonly fill: Rgb;
}
interface Enhancement {
  readonly factor: number;
}

const geometry =
  (interpolation: AffineInterpolation): Lower<Geometry> =>
  ({ rotation: degrees = 0, matrix, fill }, size) =>
    affine({ matrix: matrix ?? rotation(degrees, size), interpolation, fill }, size);

const statistic =
  (name: keyof typeof Statistic): Lower<Partial<Enhancement>> =>
  ({ factor = 1 }) => [statisticsLut({ statistic: Statistic[name], factor })];

const executors: Record<string, Executor> = {
  reference: await referenceBackend.open(),
  cpu: await cpuBackend.open(),
  ...(isWithoutGpu ? {} : { gpu: await gpuBackend.open() }),
};

describe.each(Object.entries(executors))('%s, equal to Pillow bit for bit', (_, executor) => {
  testFamily(executor, 'affine-nearest', geometry('nearest'));
  testFamily(executor, 'equalize', statistic('equalize'));
  testFamily(executor, 'auto-contrast', statistic('autoContrast'));
  testFamily(executor, 'contrast', statistic('contrast'));
  testFamily<Enhancement>(executor, 'brightness', ({ factor }) => [
    lut({ tables: sameTables((v) => blend(0, v, factor)) }),
  ]);
  testFamily<Enhancement>(executor, 'saturation', ({ factor }) => [saturation({ factor })]);
  testFamily<{ readonly shift: number }>(executor, 'hue', ({ shift }) => [hue({ shift })]);
  testFamily<{ readonly sigma: number }>(executor, 'gaussian-blur', ({ sigma }) => blurCalls(sigma));
  testFamily<Enhancement>(executor, 'sharpen', ({ factor }) => [sharpen({ factor })]);
});

// Where the exact value is whole, as under tiny and round shears, Pillow's float64 often falls just short and is cut to one less.
describe.each(Object.entries(executors))('%s, within 1 level of Pillow', (_, executor) => {
  const bilinear = testFamily(executor, 'affine-bilinear', geometry('bilinear'), 1);
  const bicubic = testFamily(executor, 'affine-bicubic', geometry('bicubic'), 1);

  it('affine-bilinear: at most 1 byte in 10,000 differs at all where hardly any exact value is whole', async () => {
    const cases = bilinear.filter(({ title }) => /^noise: |^noise32: image.rotate.(?!1e-)/.test(title));
    const [different, bytes] = await countDifferent(executor, cases, 'bilinear');
    expect(bytes).toBeGreaterThan(50_000);
    expect(different / bytes).toBeLessThan(0.0001);
  });

  it('affine-bicubic: at most 1 byte in 1,000 differs at all, tiny angles and shears apart', async () => {
    const cases = bicubic.filter(({ title }) => /^noise32: (?!.*1e-)/.test(title));
    const [different, bytes] = await countDifferent(executor, cases, 'bicubic');
    expect(bytes).toBeGreaterThan(50_000);
    expect(different / bytes).toBeLessThan(0.001);
  });
});

async function countDifferent(
  executor: Executor,
  cases: readonly Golden<Geometry>[],
  interpolation: AffineInterpolation,
): Promise<[different: number, bytes: number]> {
  let different = 0;
  let bytes = 0;
  for (const { parameters, image, expected } of cases) {
    const { data } = await resultOf(executor, image, geometry(interpolation)(parameters, image));
    bytes += data.length;
    different += data.filter((value, i) => value !== expected[i]).length;
  }
  return [different, bytes];
}

function testFamily<Parameters>(
  executor: Executor,
  family: string,
  lower: Lower<Parameters>,
  tolerance = 0,
): readonly Golden<Parameters>[] {
  const cases = readGoldens<Parameters>(family);
  it(`${family}: ${cases.length} cases`, async () => {
    for (const golden of cases) {
      const { data } = await resultOf(executor, golden.image, lower(golden.parameters, golden.image));
      expect(firstDifference(data, golden, tolerance), golden.title).toBeUndefined();
    }
  });
  return cases;
}
