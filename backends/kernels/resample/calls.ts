import type { Box, Size } from '../../../src/core/image.ts';
import { gatherCall } from '../gather/gather.ts';
import type { KernelCall } from '../kernel.ts';
import { resample } from './resample.ts';

/** Those of the recipes. */
export const interpolations = ['bilinear', 'bicubic'] as const;

/** Pillow's; the place of a filter is the kernel's `filter` argument. */
const filters = ['bilinear', 'bicubic', 'box', 'hamming', 'lanczos'] as const;
export const resizeModes = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'] as const;
export type Interpolation = (typeof resizeModes)[number];

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

/** An image of the given size, resized to `target` with antialiasing (`nearest` without), as Pillow's `resize` does. */
export function resizeCall(size: Size, target: Size, interpolation: Interpolation): KernelCall {
  if (interpolation === 'nearest') return nearestCall(size, target);
  return resample({
    ...wholeImage(size),
    gridWidth: target.width,
    gridHeight: target.height,
    windowWidth: target.width,
    windowHeight: target.height,
    filter: filters.indexOf(interpolation),
  });
}

function nearestCall(size: Size, target: Size): KernelCall {
  const columns = nearestIndices(size.width, target.width);
  return gatherCall({ columns, rows: nearestIndices(size.height, target.height), fill: 0 });
}

/** Pillow adds up float64 steps: so it must be done here. */
function nearestIndices(from: number, to: number): Int32Array {
  const step = from / to;
  const indices = new Int32Array(to);
  let position = step * 0.5;
  for (let i = 0; i < to; i++) {
    indices[i] = Math.floor(position);
    position += step;
  }
  return indices;
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
