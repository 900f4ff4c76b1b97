import type { TimedWork } from '../../backends/gpu/dispatch-timer.ts';
import type { BatchImage } from '../../backends/gpu/prepared-image.ts';
import { type AffineMap, affine, rotation } from '../../backends/kernels/affine/affine.ts';
import { gatherCall } from '../../backends/kernels/gather/gather.ts';
import type { KernelCall } from '../../backends/kernels/kernel.ts';
import { lut, sameTables } from '../../backends/kernels/lut/lut.ts';
import { type Interpolation, resizeCall } from '../../backends/kernels/resample/calls.ts';
import { saturation } from '../../backends/kernels/saturation/saturation.ts';
import { sharpen } from '../../backends/kernels/sharpen/sharpen.ts';
import { Statistic, statisticsLut } from '../../backends/kernels/statistics-lut/statistics-lut.ts';
import type { RawImage, Size, TensorFormat, TensorType } from '../../src/core/image.ts';
import { cutRegions } from './regions.ts';

/** A batch in which every image has the same call, and the dispatches that this runs in. */
export interface KernelBatch {
  readonly name: string;
  readonly images: readonly BatchImage[];
  readonly format: TensorFormat;
  readonly works: readonly TimedWork[];
}

export const OUTPUT: Size = { width: 224, height: 224 };
const REGION: Size = { width: 400, height: 320 };
/** A weight such as mixup(0.2) draws. */
export const LAMBDA = 0.3;

export const formatOf = (dtype: TensorType): TensorFormat => ({
  dtype,
  layout: 'nhwc',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
});

/** Each kernel in turn, on so many images of 224 x 224 pixels; resample and finish also in their variants. */
export async function kernelBatches(count: number): Promise<KernelBatch[]> {
  const [regions, crops] = [await cutRegions(REGION, count), await cutRegions(OUTPUT, count)];
  const batch = (name: string, works: readonly TimedWork[], images: readonly BatchImage[]) => ({
    ...{ name, works, images, format: formatOf('float16') },
  });
  const finish = (name: string, dtype: TensorType, lambda?: number) => ({
    ...batch(`finish, ${name}`, ['finish'], batchOf(crops, [], lambda)),
    format: formatOf(dtype),
  });
  const resampled = (interpolation: Interpolation) =>
    batch(
      `resample, ${interpolation}`,
      ['resampleFirst', 'resampleSecond'],
      batchOf(regions, [resizeCall(REGION, OUTPUT, interpolation)]),
    );
  return [
    resampled('bilinear'),
    resampled('bicubic'),
    ...Object.entries(pixelCalls()).map(([name, calls]) => batch(name, ['apply'], batchOf(crops, calls))),
    ...Object.entries(Statistic).map(([name, statistic]) =>
      batch(
        `statistics-lut, ${name}`,
        ['measureImages', 'makeTables', 'apply'],
        batchOf(crops, [statisticsLut({ statistic, factor: 1.72 })]),
      ),
    ),
    finish('fp16', 'float16'),
    finish('fp32', 'float32'),
    finish('fp16, MixUp', 'float16', LAMBDA),
    finish('fp32, MixUp', 'float32', LAMBDA),
  ];
}

/** Kernels of one pixel, at middling strengths. */
function pixelCalls(): Readonly<Record<string, readonly KernelCall[]>> {
  const rotated = (interpolation: AffineMap['interpolation']) =>
    affine({ matrix: rotation(21, OUTPUT), interpolation, fill: [128, 128, 128] }, OUTPUT);
  const moved = (length: number, by: number) => Int32Array.from({ length }, (_, i) => i + by);
  return {
    'affine-nearest': rotated('nearest'),
    'affine-bilinear': rotated('bilinear'),
    'affine-bicubic': rotated('bicubic'),
    gather: [
      gatherCall({ columns: moved(OUTPUT.width, 50), rows: moved(OUTPUT.height, -50), fill: 0x808080 }),
    ],
    lut: [lut({ tables: sameTables((v) => 255 - v) })],
    saturation: [saturation({ factor: 1.72 })],
    sharpen: [sharpen({ factor: 1.72 })],
  };
}

/** @param lambda MixUp's weight of a row beside its neighbour's; left out: rows stand alone */
function batchOf(images: readonly RawImage[], calls: readonly KernelCall[], lambda?: number): BatchImage[] {
  return images.map(({ data, width, height }, i) => ({
    pixels: data,
    size: { width, height },
    calls,
    ...(lambda !== undefined && (i ^ 1) < images.length && { mix: { partner: i ^ 1, lambda } }),
  }));
}
