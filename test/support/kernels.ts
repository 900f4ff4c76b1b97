import fc from 'fast-check';
import type { Kernel, KernelCall } from '../../backends/kernels/kernel.ts';
import { lut } from '../../backends/kernels/lut/lut.ts';
import { type ResampleArguments, resample } from '../../backends/kernels/resample/resample.ts';
import type { Size } from '../../src/core/image.ts';

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
];

/** Odd lengths, single pixels, and no preference for multiples of 4 or 16. */
export const anyLength = fc.integer({ min: 1, max: 67 });
export const anySize: fc.Arbitrary<Size> = fc.record({ width: anyLength, height: anyLength });

/** A part of an axis of the given length: [start, length]. */
const part = (length: number): fc.Arbitrary<[number, number]> =>
  fc
    .integer({ min: 1, max: length })
    .chain((taken) => fc.tuple(fc.integer({ min: 0, max: length - taken }), fc.constant(taken)));

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
    .tuple(boxAndGrid(width), boxAndGrid(height), fc.constantFrom(0, 1), fc.constantFrom(0, 1))
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
