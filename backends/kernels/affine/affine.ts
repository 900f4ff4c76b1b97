import { ParameterError } from '../../../src/core/errors.ts';
import type { Size } from '../../../src/core/image.ts';
import { portableCos, portableSin } from '../../../src/core/portable-math.ts';
import { affineBicubic } from '../affine-bicubic/affine-bicubic.ts';
import { affineBilinear } from '../affine-bilinear/affine-bilinear.ts';
import { affineNearest } from '../affine-nearest/affine-nearest.ts';
import { gatherCall } from '../gather/gather.ts';
import type { KernelCall } from '../kernel.ts';
import { packPixel, type Rgb } from '../pixel.ts';
import { insideRuns } from './inside-runs.ts';
import type { AffineMatrix } from './matrix.ts';

export const affineInterpolations = ['nearest', 'bilinear', 'bicubic'] as const;
export type AffineInterpolation = (typeof affineInterpolations)[number];

export interface AffineMap {
  readonly matrix: AffineMatrix;
  readonly interpolation: AffineInterpolation;
  /** Colour of what lies outside the input. */
  readonly fill: Rgb;
}

/** The call that maps an image of `size` as Pillow's Image.transform(AFFINE) does; none for the identity. */
export function affine({ matrix, interpolation, fill }: AffineMap, size: Size): KernelCall[] {
  const [a, b, c, d, e, f] = matrix;
  if (a === 1 && b === 0 && c === 0 && d === 0 && e === 1 && f === 0) return [];
  checkInputs(matrix, size);
  const fillPixel = packPixel(fill);
  if (interpolation !== 'nearest' && !isByWholePixels(matrix))
    return [interpolated(matrix, size, fillPixel, interpolation)];
  return [b === 0 && d === 0 ? scaled(matrix, size, fillPixel) : nearest(matrix, size, fillPixel)];
}

/** Pillow's matrix of a rotation about the centre, counter-clockwise; multiples of 90 degrees are exact. */
export function rotation(degrees: number, { width, height }: Size): AffineMatrix {
  const turn = degrees % 360;
  const radians = -((turn < 0 ? turn + 360 : turn) * (Math.PI / 180));
  const cos = roundTo15Decimals(portableCos(radians));
  const sin = roundTo15Decimals(portableSin(radians));
  const x = width / 2;
  const y = height / 2;
  return [cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y];
}

const roundTo15Decimals = (value: number): number => Number(value.toFixed(15));

function nearest(matrix: AffineMatrix, size: Size, fill: number): KernelCall {
  checkRange(matrix, size, 2 ** 15);
  const [a, b, c, d, e, f] = matrix;
  // the half pixels in Pillow's order of additions
  const [a0, a1, a2, a3, a4, a5] = [a, b, c + a * 0.5 + b * 0.5, d, e, f + d * 0.5 + e * 0.5].map(
    (value) => Math.floor(value * 65536 + 0.5) | 0,
  ) as unknown as AffineMatrix;
  return affineNearest({ a0, a1, a2, a3, a4, a5, fill });
}

/** Pillow finds rows and columns of an axis-aligned map by adding up float64 steps; so it must be done here. */
function scaled([a, , c, , e, f]: AffineMatrix, { width, height }: Size, fill: number): KernelCall {
  const columns = sourceIndices(a, c, width);
  const rows = sourceIndices(e, f, height);
  if (!isEvenlySpaced(columns, a) || !isEvenlySpaced(rows, e)) return gatherCall({ columns, rows, fill });
  const half = 32768;
  const a2 = (columns[0] as number) * 65536 + half;
  const a5 = (rows[0] as number) * 65536 + half;
  return affineNearest({ a0: a * 65536, a1: 0, a2, a3: 0, a4: e * 65536, a5, fill });
}

function sourceIndices(step: number, offset: number, length: number): Int32Array {
  const indices = new Int32Array(length);
  let position = offset + step * 0.5;
  for (let i = 0; i < length; i++) {
    indices[i] = Math.max(-32768, Math.min(32767, Math.floor(position)));
    position += step;
  }
  return indices;
}

function isEvenlySpaced(indices: Int32Array, step: number): boolean {
  return Math.abs(step) < 32768 && indices.every((index, i) => index === (indices[0] as number) + step * i);
}

/** Whether the map moves or mirrors by whole pixels, so that no pixel comes from between others. */
const isByWholePixels = ([a, b, c, d, e, f]: AffineMatrix): boolean =>
  b === 0 && d === 0 && Math.abs(a) === 1 && Math.abs(e) === 1 && Number.isInteger(c) && Number.isInteger(f);

function interpolated(
  matrix: AffineMatrix,
  size: Size,
  fill: number,
  interpolation: 'bilinear' | 'bicubic',
): KernelCall {
  checkRange(matrix, size, 2 ** 20);
  const runs = insideRuns(matrix, size);
  if (interpolation === 'bicubic') return affineBicubic({ coordinates: fixedPoint(matrix), runs, fill });
  return affineBilinear({ coordinates: fixedPoint(matrix, bilinearShifts(matrix, size)), runs, fill });
}

/** `shifts` are added to where the first pixel lies. */
function fixedPoint(
  [a, b, c, d, e, f]: AffineMatrix,
  shifts: readonly [number, number] = [0, 0],
): Int32Array {
  // the taps lie between pixel centres: whole coordinates there, hence the half pixel less
  const startX = c + a * 0.5 + b * 0.5 - 0.5 + shifts[0];
  const startY = f + d * 0.5 + e * 0.5 - 0.5 + shifts[1];
  const coordinates = new Int32Array(12);
  [a, b, startX, d, e, startY].forEach((value, i) => {
    const rounded = inUnits(value);
    coordinates[2 * i] = Math.floor(rounded / 2 ** 32);
    coordinates[2 * i + 1] = rounded;
  });
  return coordinates;
}

const inUnits = (value: number): number => Math.floor(value * 2 ** 32 + 0.5);

/**
 * Half of the last bit of a fraction, which the kernel would cut, and what the rounded steps lack at the image's centre: maps
 * about it are exact there then, where all of a pixel's colour comes from one other, and nowhere as far off.
 */
function bilinearShifts([a, b, , d, e]: AffineMatrix, { width, height }: Size): [x: number, y: number] {
  const lackingAtCentre = (stepX: number, stepY: number) =>
    (lacking(stepX) * (width - 1) + lacking(stepY) * (height - 1)) / 2;
  return [2 ** -30 + lackingAtCentre(a, b), 2 ** -30 + lackingAtCentre(d, e)];
}

const lacking = (step: number): number => step - inUnits(step) / 2 ** 32;

function checkInputs(matrix: AffineMatrix, { width, height }: Size): void {
  if (!matrix.every(Number.isFinite)) throw outOfRange('matrix must be finite', matrix.join(', '));
  if (width < 2 ** 15 && height < 2 ** 15) return;
  throw outOfRange('image must be below 32768 x 32768 pixels', `${width} x ${height}`);
}

/** The corners decide, since the map is linear. */
function checkRange([a, b, c, d, e, f]: AffineMatrix, { width, height }: Size, limit: number): void {
  const isNear = (x: number, y: number) =>
    Math.abs(a * x + b * y + c) < limit && Math.abs(d * x + e * y + f) < limit;
  if (isNear(0, 0) && isNear(width, 0) && isNear(0, height) && isNear(width, height)) return;
  throw outOfRange(`coordinates must stay below ${limit} pixels`, `matrix ${[a, b, c, d, e, f].join(', ')}`);
}

function outOfRange(expected: string, actual: string): ParameterError {
  return new ParameterError('AFFINE_RANGE', `affine: ${expected}, got ${actual}`);
}
