import fc from 'fast-check';
import type { EraseBox } from '../../backends/backend.ts';
import { type AffineMap, affine, rotation } from '../../backends/kernels/affine/affine.ts';
import type { AffineMatrix } from '../../backends/kernels/affine/matrix.ts';
import { affineBicubic } from '../../backends/kernels/affine-bicubic/affine-bicubic.ts';
import { affineBilinear } from '../../backends/kernels/affine-bilinear/affine-bilinear.ts';
import { affineNearest } from '../../backends/kernels/affine-nearest/affine-nearest.ts';
import { boxBlur } from '../../backends/kernels/box-blur/box-blur.ts';
import { blurCalls } from '../../backends/kernels/box-blur/calls.ts';
import { gather, gatherCall } from '../../backends/kernels/gather/gather.ts';
import { hue } from '../../backends/kernels/hue/hue.ts';
import type { Kernel, KernelCall } from '../../backends/kernels/kernel.ts';
import { lut } from '../../backends/kernels/lut/lut.ts';
import { noise } from '../../backends/kernels/noise/noise.ts';
import { normalStarts } from '../../backends/kernels/noise/offset-starts.ts';
import { type ResampleArguments, resample } from '../../backends/kernels/resample/resample.ts';
import { saturation } from '../../backends/kernels/saturation/saturation.ts';
import { sharpen } from '../../backends/kernels/sharpen/sharpen.ts';
import { Statistic, statisticsLut } from '../../backends/kernels/statistics-lut/statistics-lut.ts';
import type { Box, Size } from '../../src/core/image.ts';

/** A kernel and the calls that may be made of it on an image of a given size. */
export interface KernelCase {
  // biome-ignore lint/suspicious/noExplicitAny: kernels of all layouts stand in one list.
  readonly kernel: Kernel<any>;
  calls(size: Size): fc.Arbitrary<KernelCall>;
}

/** Every kernel; the contract suites run each on every backend. */
export const kernelCases: readonly KernelCase[] = [
  {
    kernel: lut,
    calls: () => fc.uint8Array({ minLength: 768, maxLength: 768 }).map((tables) => lut({ tables })),
  },
  { kernel: resample, calls: (size) => resampleArguments(size).map((args) => resample(args)) },
  {
    kernel: affineNearest,
    calls: (size) => affineCalls(size, fc.oneof(anyMatrix(size), translation), 'nearest'),
  },
  { kernel: affineBilinear, calls: (size) => affineCalls(size, anyMatrix(size), 'bilinear') },
  { kernel: affineBicubic, calls: (size) => affineCalls(size, anyMatrix(size), 'bicubic') },
  { kernel: gather, calls: gatherCalls },
  { kernel: saturation, calls: () => anyFactor.map((factor) => saturation({ factor })) },
  { kernel: sharpen, calls: () => anyFactor.map((factor) => sharpen({ factor })) },
  { kernel: statisticsLut, calls: statisticsCalls },
  { kernel: noise, calls: noiseCalls },
  { kernel: boxBlur, calls: blurCallsOf },
  { kernel: hue, calls: () => fc.integer({ min: 0, max: 255 }).map((shift) => hue({ shift })) },
];

/** Odd lengths, single pixels, and no preference for multiples of 4 or 16. */
export const anyLength = fc.integer({ min: 1, max: 67 });
export const anySize: fc.Arbitrary<Size> = fc.record({ width: anyLength, height: anyLength });

/** A part of an axis of the given length: [start, length]. */
const part = (length: number): fc.Arbitrary<[number, number]> =>
  fc
    .integer({ min: 1, max: length })
    .chain((taken) => fc.tuple(fc.integer({ min: 0, max: length - taken }), fc.constant(taken)));

export const anyBox = ({ width, height }: Size): fc.Arbitrary<Box> =>
  fc.tuple(part(width), part(height)).map(([x, y]) => ({ left: x[0], top: y[0], width: x[1], height: y[1] }));

const anyFill = fc.oneof(fc.constantFrom(0, -0), fc.double({ min: -1.5, max: 1.5, noNaN: true }));
const anyWord = fc.integer({ min: 0, max: 2 ** 32 - 1 });

export function anyEraseBox(size: Size): fc.Arbitrary<EraseBox> {
  const content = fc.oneof(
    fc.record({ fill: fc.tuple(anyFill, anyFill, anyFill) }),
    fc.record({ noise: fc.tuple(anyWord, anyWord) }),
  );
  return fc.tuple(anyBox(size), content).map(([box, what]) => ({ ...box, ...what }));
}

/** Box and grid of one axis: enlarged, reduced, kept; much reduced too, where there are many taps. */
const boxAndGrid = (length: number) =>
  part(length).chain(([start, taken]) =>
    fc.oneof(fc.constant(taken), anyLength, fc.integer({ min: 1, max: 3 })).chain((grid) =>
      fc.record({
        start: fc.constant(start),
        taken: fc.constant(taken),
        grid: fc.constant(grid),
        window: part(grid),
      }),
    ),
  );

function resampleArguments({ width, height }: Size): fc.Arbitrary<ResampleArguments> {
  return fc
    .tuple(boxAndGrid(width), boxAndGrid(height), fc.constantFrom(0, 1, 2, 3, 4), fc.constantFrom(0, 1))
    .map(([x, y, filter, mirror]) => ({
      boxLeft: x.start,
      boxTop: y.start,
      boxWidth: x.taken,
      boxHeight: y.taken,
      gridWidth: x.grid,
      gridHeight: y.grid,
      windowLeft: x.window[0],
      windowTop: y.window[0],
      windowWidth: x.window[1],
      windowHeight: y.window[1],
      filter,
      mirror,
    }));
}

/** Blending from and to, beyond both, and so far beyond that everything is clamped. */
const anyFactor = fc.oneof(fc.constantFrom(0, 1, -1e6, 1e6), fc.float({ min: -4, max: 4, noNaN: true }));

const double = (min: number, max: number) => fc.double({ min, max, noNaN: true });

const either = (arbitrary: fc.Arbitrary<number>) =>
  fc.oneof(
    arbitrary,
    arbitrary.map((value) => -value),
  );

/** Shears, rotations and maps of any kind, to the inside, across the border and past it. Never by whole pixels. */
function anyMatrix(size: Size): fc.Arbitrary<AffineMatrix> {
  const shear = fc.oneof(
    either(double(0.001, 0.5)),
    either(double(0.5, 3)),
    either(fc.constantFrom(0.25, 1, 2)),
  );
  const step = double(-3, 3);
  const offset = double(-99, 99);
  const shift = fc.oneof(fc.constant(0), offset, fc.integer({ min: -70, max: 70 }));
  return fc.oneof(
    fc.tuple(shear, shift, shift).map(([s, c, f]): AffineMatrix => [1, s, c, 0, 1, f]),
    fc.tuple(shear, shift, shift).map(([s, c, f]): AffineMatrix => [1, 0, c, s, 1, f]),
    either(double(1, 170)).map((degrees) => rotation(degrees, size)),
    fc
      .tuple(step, shear, offset, step, step, offset)
      .map(([a, b, c, d, e, f]): AffineMatrix => [a, b, c, d, e, f]),
  );
}

/** By whole pixels, to where nothing of the image is left too. Never by none, which needs no call. */
const distance = fc.oneof(fc.integer({ min: -80, max: 80 }), fc.constantFrom(-30_000, 30_000));
const translation = fc
  .tuple(distance, distance)
  .filter(([c, f]) => c !== 0 || f !== 0)
  .map(([c, f]): AffineMatrix => [1, 0, c, 0, 1, f]);

function affineCalls(
  size: Size,
  matrices: fc.Arbitrary<AffineMatrix>,
  interpolation: AffineMap['interpolation'],
): fc.Arbitrary<KernelCall> {
  const channel = fc.integer({ min: 0, max: 255 });
  return fc
    .tuple(matrices, fc.tuple(channel, channel, channel))
    .map(([matrix, fill]) => affine({ matrix, interpolation, fill }, size)[0] as KernelCall);
}

function gatherCalls({ width, height }: Size): fc.Arbitrary<KernelCall> {
  const indices = (length: number) =>
    fc
      .array(fc.integer({ min: -1, max: length }), { minLength: 1, maxLength: 70 })
      .map((values) => Int32Array.from(values));
  const args = fc.record({
    columns: indices(width),
    rows: indices(height),
    fill: fc.integer({ min: 0, max: 0xffffff }),
  });
  return args.map(gatherCall);
}

function statisticsCalls(): fc.Arbitrary<KernelCall> {
  const statistic = fc.constantFrom(...Object.values(Statistic));
  return fc.record({ statistic, factor: anyFactor }).map((args) => statisticsLut(args));
}

/** Of weak noise, of strong noise, and of any starts. */
function noiseCalls(): fc.Arbitrary<KernelCall> {
  const key = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const starts = fc.oneof(
    fc.constantFrom(normalStarts(0, 0.1), normalStarts(-0.5, 1), normalStarts(1, 0), normalStarts(0, 0)),
    fc.uint16Array({ minLength: 510, maxLength: 510 }).map((values) => Uint32Array.from(values.sort())),
    fc.constantFrom(0, 65_536).map((start) => new Uint32Array(510).fill(start)),
  );
  return fc.record({ key0: key, key1: key, starts }).map((args) => noise(args));
}

/** Radii from none to several times the image's. */
function blurCallsOf(): fc.Arbitrary<KernelCall> {
  const sigma = fc.oneof(fc.constantFrom(0, 0.05, 60), double(0.1, 3), double(3, 40));
  return fc
    .tuple(sigma, fc.constantFrom(0, 1))
    .map(([of, direction]) => blurCalls(of)[direction] as KernelCall);
}
