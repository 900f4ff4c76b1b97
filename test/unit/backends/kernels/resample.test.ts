import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flipCall, paddingModes, windowCall } from '../../../../backends/kernels/gather/calls.ts';
import { fuseCalls, type KernelCall, outputSize } from '../../../../backends/kernels/kernel.ts';
import {
  cropCall,
  type Interpolation,
  mirrorCall,
  resizeCall,
  resizeModes,
} from '../../../../backends/kernels/resample/calls.ts';
import { axisCoefficients } from '../../../../backends/kernels/resample/coefficients.ts';
import type { RawImage, Size } from '../../../../src/core/image.ts';
import { noise } from '../../../support/images.ts';

/** Runs calls one after the other with their scalar references. */
function runAll(calls: readonly KernelCall[], image: RawImage): RawImage {
  let current = image;
  for (const call of calls) {
    const size = outputSize(call, current);
    const data = new Uint8Array(size.width * size.height * 3);
    call.kernel.reference(call.args, current, data);
    current = { ...size, data };
  }
  return current;
}

const length = fc.integer({ min: 1, max: 23 });
const size: fc.Arbitrary<Size> = fc.record({ width: length, height: length });
const interpolation = fc.constantFrom<Interpolation>(...resizeModes);
const fraction = fc.double({ min: 0, max: 1, noNaN: true });

type Draw = ((input: Size) => KernelCall)[];

/** A call for whatever size reaches it: a box inside the image or not, a size, a mirror, a flip. */
const step = fc.oneof(
  fc.tuple(fraction, fraction, fraction, fraction).map(([x, y, w, h]) => (input: Size) => {
    const width = 1 + Math.floor(w * (input.width - 1));
    const height = 1 + Math.floor(h * (input.height - 1));
    const left = Math.floor(x * (input.width - width));
    const top = Math.floor(y * (input.height - height));
    return cropCall(input, { left, top, width, height });
  }),
  fc.tuple(size, interpolation).map(
    ([target, filter]) =>
      (input: Size) =>
        resizeCall(input, target, filter),
  ),
  fc.constant(mirrorCall),
  fc.constant(flipCall),
  fc
    .tuple(fc.integer({ min: -9, max: 9 }), size, fc.constantFrom(...paddingModes), fc.constantFrom(0, 200))
    .map(([start, target, mode, level]) => (input: Size) => {
      const box = { left: start, top: -start, ...target };
      return windowCall(input, box, { mode, fill: [level, level, 9] });
    }),
);

function callsFor(steps: Draw, input: Size): KernelCall[] {
  let current = input;
  return steps.map((make) => {
    const call = make(current);
    current = outputSize(call, current);
    return call;
  });
}

describe('resample', () => {
  it('gives the same bytes fused as one call after the other', () => {
    fc.assert(
      fc.property(
        size,
        fc.array(step, { minLength: 2, maxLength: 6 }),
        fc.integer(),
        (input, steps, seed) => {
          const calls = callsFor(steps, input);
          const image = noise(input, seed);
          expect(runAll(fuseCalls(calls), image)).toEqual(runAll(calls, image));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('fuses crop, resize, crop and mirror into one call', () => {
    const input = { width: 50, height: 40 };
    const resized = { width: 20, height: 22 };
    const window = { width: 16, height: 16 };
    const program = [
      cropCall(input, { left: 3, top: 4, width: 30, height: 31 }),
      mirrorCall(window),
      resizeCall({ width: 30, height: 31 }, resized, 'bicubic'),
      cropCall(resized, { left: 2, top: 3, ...window }),
    ];
    const [crop, mirror, resize, center] = program as [KernelCall, KernelCall, KernelCall, KernelCall];
    const fused = fuseCalls([crop, resize, center, mirror]);
    expect(fused.map((call) => call.args)).toEqual([
      {
        ...{ boxLeft: 3, boxTop: 4, boxWidth: 30, boxHeight: 31, gridWidth: 20, gridHeight: 22 },
        ...{ windowLeft: 2, windowTop: 3, windowWidth: 16, windowHeight: 16, filter: 1, mirror: 1 },
      },
    ]);
  });

  it('fuses flips, and what is cut out of padding, into one call', () => {
    const input = { width: 9, height: 5 };
    const large = { width: 13, height: 9 };
    const fill = [1, 2, 3] as const;
    const padded = windowCall(input, { left: -2, top: -2, ...large }, { mode: 'constant', fill });
    const window = { left: -1, top: 3, width: 10, height: 2 };
    const inOtherColour = windowCall(large, window, { mode: 'constant', fill: [9, 9, 9] });
    expect(fuseCalls([padded, flipCall(large), flipCall(large)])).toHaveLength(1);
    expect(fuseCalls([padded, inOtherColour])).toHaveLength(2);
  });

  it('does not fuse two resizes', () => {
    const small = { width: 5, height: 5 };
    const calls = [
      resizeCall({ width: 9, height: 9 }, small, 'bilinear'),
      resizeCall(small, small, 'bilinear'),
    ];
    expect(fuseCalls(calls)).toHaveLength(1);
    expect(
      fuseCalls([calls[0], resizeCall(small, { width: 7, height: 5 }, 'bilinear')] as KernelCall[]),
    ).toHaveLength(2);
  });

  it('keeps the image when the size stays', () => {
    fc.assert(
      fc.property(size, interpolation, (input, filter) => {
        const image = noise(input, 1);
        expect(runAll([resizeCall(input, input, filter)], image)).toEqual(image);
      }),
    );
  });

  it('keeps a flat image flat, white included', () => {
    fc.assert(
      fc.property(size, size, interpolation, fc.integer({ min: 0, max: 255 }), (input, target, filter, v) => {
        const data = new Uint8Array(input.width * input.height * 3).fill(v);
        const result = runAll([resizeCall(input, target, filter)], { ...input, data });
        expect(new Set(result.data)).toEqual(new Set([v]));
      }),
    );
  });

  it('has taps inside the input whose sum is one but for rounding', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        length,
        fc.constantFrom(0, 1, 2, 3, 4),
        (from, to, filter) => {
          const axis = axisCoefficients(from, to, filter, 0, to);
          for (let i = 0; i < to; i++) {
            const count = axis.count[i] as number;
            const taps = axis.taps.subarray(i * axis.stride, i * axis.stride + count);
            expect(axis.first[i]).toBeGreaterThanOrEqual(0);
            expect((axis.first[i] as number) + count).toBeLessThanOrEqual(from);
            expect(Math.abs(taps.reduce((sum, tap) => sum + tap, 0) - 2 ** 22)).toBeLessThanOrEqual(count);
          }
        },
      ),
    );
  });

  it('has taps whose sizes add up to less than 1.3, so that sums of products fit 32 bits (sums.as.ts)', () => {
    expect(largestSum(0, 64)).toBeLessThanOrEqual(1.0001 * 2 ** 22);
    expect(largestSum(1, 64)).toBeLessThanOrEqual(1.27 * 2 ** 22);
    // long axes: rounding of many small taps
    for (const [from, to] of [
      [16384, 1],
      [16384, 224],
      [1149, 1066],
    ] as const)
      expect(sumOfSizes(from, to, 1)).toBeLessThanOrEqual(1.27 * 2 ** 22);
  });
});

/** Of all positions of all axes from and to 1..`most`. */
function largestSum(filter: number, most: number): number {
  let largest = 0;
  for (let from = 1; from <= most; from++) {
    for (let to = 1; to <= most; to++) largest = Math.max(largest, sumOfSizes(from, to, filter));
  }
  return largest;
}

/** The largest sum of the sizes of a position's taps. */
function sumOfSizes(from: number, to: number, filter: number): number {
  const { taps, stride } = axisCoefficients(from, to, filter, 0, to);
  const sums = new Float64Array(to);
  for (const [i, tap] of taps.entries()) {
    const position = Math.floor(i / stride);
    sums[position] = (sums[position] as number) + Math.abs(tap);
  }
  return Math.max(...sums);
}
