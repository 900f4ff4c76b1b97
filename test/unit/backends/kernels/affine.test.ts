import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AffineMap,
  affine,
  affineInterpolations,
  rotation,
} from '../../../../backends/kernels/affine/affine.ts';
import type { AffineMatrix } from '../../../../backends/kernels/affine/matrix.ts';
import type { RawImage, Size } from '../../../../src/core/image.ts';
import { noise } from '../../../support/images.ts';

const size = { width: 20, height: 12 };
const square = { width: 17, height: 17 };

function map(matrix: AffineMatrix, interpolation: AffineMap['interpolation'] = 'nearest', of: Size = size) {
  return affine({ matrix, interpolation, fill: [1, 2, 3] }, of);
}

function names(matrix: AffineMatrix, interpolation?: AffineMap['interpolation']): string[] {
  return map(matrix, interpolation).map(({ kernel }) => kernel.name);
}

function apply(matrix: AffineMatrix, interpolation: AffineMap['interpolation'], image: RawImage): Uint8Array {
  return map(matrix, interpolation, image).reduce((data, { kernel, args }) => {
    const output = new Uint8Array(data.length);
    kernel.reference(args, { ...image, data }, output);
    return output;
  }, image.data);
}

describe('affine', () => {
  it('needs no call for the identity', () => {
    expect(names([1, 0, 0, 0, 1, 0])).toEqual([]);
    expect(names(rotation(-360, size), 'bicubic')).toEqual([]);
  });

  it('takes fixed point for whole steps, index tables for other axis-aligned maps', () => {
    expect(names([1, 0, 2.4, 0, 1, -0.6])).toEqual(['affine-nearest']);
    expect(names([-1, 0, 20, 0, -1, 12])).toEqual(['affine-nearest']);
    expect(names([0.9, 0, 0, 0, 1, 0])).toEqual(['gather']);
    expect(names([1, 0, 1e9, 0, 1, 0])).toEqual(['gather']);
    expect(names([1, 0.1, 0, 0, 1, 0])).toEqual(['affine-nearest']);
    expect(names([1, 0.1, 0, 0, 1, 0], 'bilinear')).toEqual(['affine-bilinear']);
    expect(names([1, 0.1, 0, 0, 1, 0], 'bicubic')).toEqual(['affine-bicubic']);
  });

  it('keeps the pixel about which it turns an image of odd sides (bilinear)', () => {
    const image = noise({ width: 225, height: 301 }, 5);
    const centre = ((image.height >> 1) * image.width + (image.width >> 1)) * 3;
    const pixelOf = (data: Uint8Array) => [...data.subarray(centre, centre + 3)];
    for (const degrees of [-123.4, 0.3, 7, 15, 30, 100.1]) {
      const turned = apply(rotation(degrees, image), 'bilinear', image);
      expect(pixelOf(turned), `${degrees} degrees`).toEqual(pixelOf(image.data));
    }
  });

  it.each(['bilinear', 'bicubic'] as const)(
    'does not interpolate (%s) where pixels move whole',
    (interpolation) => {
      for (const matrix of [
        [1, 0, 7, 0, 1, -3],
        [-1, 0, 20, 0, 1, 0],
      ] satisfies AffineMatrix[]) {
        expect(names(matrix, interpolation)).toEqual(['affine-nearest']);
      }
      for (const matrix of [
        [1, 0, 0.5, 0, 1, 0],
        [-2, 0, 40, 0, 1, 0],
        [1, 0, 0, 0, 1, 7.25],
      ] satisfies AffineMatrix[]) {
        expect(names(matrix, interpolation)).toEqual([`affine-${interpolation}`]);
      }
    },
  );

  it('follows Pillow where adding up steps rounds across a whole number', () => {
    // 0.5 + 0.4999999999999999 is just below 1; with 1 added it rounds to 2
    const [call] = map([1, 0, 0.4999999999999999, 0, 1, 0]);
    expect(call?.kernel.name).toBe('gather');
    expect(Array.from(call?.args.columns.subarray(0, 4))).toEqual([0, 2, 3, 4]);
  });

  it('refuses maps that fixed point cannot hold', () => {
    expect(() => map([1, 0.1, 40_000, 0, 1, 0])).toThrow('affine: coordinates must stay below 32768 pixels');
    expect(() => map([1, 0, Number.NaN, 0, 1, 0])).toThrow('affine: matrix must be finite');
    expect(() => map([2, 0, 0, 0, 1, 0], 'nearest', { width: 40_000, height: 1 })).toThrow(
      'affine: image must be below 32768 x 32768 pixels, got 40000 x 1',
    );
  });

  it.each(['bilinear', 'bicubic'] as const)(
    'keeps flat images flat (%s), whatever the map',
    (interpolation) => {
      const small = fc.double({ min: -1.5, max: 1.5, noNaN: true });
      const flat = { ...size, data: new Uint8Array(720).fill(201) };
      fc.assert(
        fc.property(small, small, small, small, (a, b, d, e) => {
          const matrix: AffineMatrix = [a, b, 6, d, e, 5];
          const output = affine({ matrix, interpolation, fill: [201, 201, 201] }, size).reduce(
            (_, { kernel, args }) => {
              const bytes = new Uint8Array(720);
              kernel.reference(args, flat, bytes);
              return bytes;
            },
            flat.data,
          );
          expect(output.every((value) => value === 201)).toBe(true);
        }),
        { numRuns: 50 },
      );
    },
  );
});

describe('rotation', () => {
  it('of 90 degrees turns a square counter-clockwise without interpolating', () => {
    const image = noise(square, 1);
    const { width } = square;
    const turned = new Uint8Array(image.data.length);
    for (let i = 0; i < width * width; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      const from = (x * width + (width - 1 - y)) * 3;
      turned.set(image.data.subarray(from, from + 3), i * 3);
    }
    for (const interpolation of affineInterpolations) {
      expect(apply(rotation(90, square), interpolation, image)).toEqual(turned);
      expect(apply(rotation(-270, square), interpolation, image)).toEqual(turned);
    }
  });

  it('by 180 degrees twice gives the image back', () => {
    const image = noise(size, 2);
    const once = { ...size, data: apply(rotation(180, size), 'nearest', image) };
    expect(once.data).not.toEqual(image.data);
    expect(apply(rotation(180, size), 'nearest', once)).toEqual(image.data);
  });
});
