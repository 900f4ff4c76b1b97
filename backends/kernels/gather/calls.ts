import type { Box, Size } from '../../../src/core/image.ts';
import type { KernelCall } from '../kernel.ts';
import { packPixel, type Rgb } from '../pixel.ts';
import { cropCall } from '../resample/calls.ts';
import { gatherCall } from './gather.ts';

/**
 * What lies beyond the border of an image: one colour, the outermost pixel, the image mirrored about its outermost pixel
 * (`reflect`) or about its border (`symmetric`), as often as needed.
 */
export const paddingModes = ['constant', 'edge', 'reflect', 'symmetric'] as const;
export type PaddingMode = (typeof paddingModes)[number];

export interface Padding {
  readonly mode: PaddingMode;
  /** Of the mode `constant`. */
  readonly fill: Rgb;
  /**
   * Pixels to each side by which the image is padded first; what lies beyond those continues the padded image. Only a
   * mirror image tells the difference. Default 0.
   */
  readonly first?: number;
}

/** An image of the given size, flipped top to bottom. */
export const flipCall = ({ width, height }: Size): KernelCall =>
  gatherCall({
    columns: Int32Array.from({ length: width }, (_, x) => x),
    rows: Int32Array.from({ length: height }, (_, y) => height - 1 - y),
    fill: 0,
  });

/** The part of an image of the given size that lies in `box`, which may reach beyond the image. */
export function windowCall(size: Size, box: Box, { mode, fill, first = 0 }: Padding): KernelCall {
  const { left, top, width, height } = box;
  if (left >= 0 && top >= 0 && left + width <= size.width && top + height <= size.height)
    return cropCall(size, box);
  const indices = (length: number, from: number, count: number) =>
    Int32Array.from({ length: count }, (_, i) => {
      const padded = continued(mode, length + 2 * first, from + i + first);
      return padded === OUTSIDE ? OUTSIDE : continued(mode, length, padded - first);
    });
  return gatherCall({
    columns: indices(size.width, left, width),
    rows: indices(size.height, top, height),
    fill: packPixel(fill),
  });
}

const OUTSIDE = -1;

/** The pixel of an axis of `length` pixels that stands at `at`, where the axis goes on. */
function continued(mode: PaddingMode, length: number, at: number): number {
  if (at >= 0 && at < length) return at;
  if (mode === 'constant') return OUTSIDE;
  if (mode === 'edge' || length === 1) return at < 0 ? 0 : length - 1;
  const period = mode === 'reflect' ? 2 * length - 2 : 2 * length;
  const place = ((at % period) + period) % period;
  if (place < length) return place;
  return mode === 'reflect' ? period - place : period - 1 - place;
}
