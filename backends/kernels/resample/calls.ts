import type { Box, Size } from '../../../src/core/image.ts';
import type { KernelCall } from '../kernel.ts';
import { resample } from './resample.ts';

export const interpolations = ['bilinear', 'bicubic'] as const;
export type Interpolation = (typeof interpolations)[number];

/** The part of an image of the given size that lies in `box`. */
export function cropCall(size: Size, box: Box): KernelCall {
  return resample({
    ...wholeImage(size),
    windowLeft: box.left,
    windowTop: box.top,
    windowWidth: box.width,
    windowHeight: box.height,
  });
}

/** An image of the given size, resized to `target` with antialiasing, as Pillow's `resize` does. */
export function resizeCall(size: Size, target: Size, interpolation: Interpolation): KernelCall {
  return resample({
    ...wholeImage(size),
    gridWidth: target.width,
    gridHeight: target.height,
    windowWidth: target.width,
    windowHeight: target.height,
    filter: interpolation === 'bilinear' ? 0 : 1,
  });
}

/** An image of the given size, flipped left to right. */
export const mirrorCall = (size: Size): KernelCall => resample({ ...wholeImage(size), mirror: 1 });

const wholeImage = ({ width, height }: Size) => ({
  boxLeft: 0,
  boxTop: 0,
  boxWidth: width,
  boxHeight: height,
  gridWidth: width,
  gridHeight: height,
  windowLeft: 0,
  windowTop: 0,
  windowWidth: width,
  windowHeight: height,
  filter: 0,
  mirror: 0,
});
