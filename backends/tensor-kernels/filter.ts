import type { Numbers } from './tensor-kernel.ts';

/**
 * A filter of kernel x kernel taps on images height x width, row by row. Output pixel (y, x) lies on input pixel
 * (y stride, x stride), under the filter's middle; taps beyond the border meet nothing.
 */
export type FilterShape = Numbers<'height' | 'width' | 'outHeight' | 'outWidth' | 'kernel' | 'stride'>;

/** Calls `visit` wherever a tap of the filter meets an input pixel, by output pixels of all samples, in order. */
export function eachTap(
  shape: FilterShape,
  outputs: number,
  visit: (output: number, tap: number, input: number) => void,
): void {
  const { outHeight, outWidth, kernel } = shape;
  for (let output = 0; output < outputs; output++) {
    const x = output % outWidth;
    const y = Math.floor(output / outWidth) % outHeight;
    const sample = Math.floor(output / (outWidth * outHeight));
    for (let tap = 0; tap < kernel * kernel; tap++) {
      const input = inputPixel(shape, sample, y, x, tap);
      if (input !== undefined) visit(output, tap, input);
    }
  }
}

function inputPixel(shape: FilterShape, sample: number, y: number, x: number, tap: number) {
  const { height, width, kernel, stride } = shape;
  const padding = (kernel - 1) / 2;
  const inputY = y * stride + Math.floor(tap / kernel) - padding;
  const inputX = x * stride + (tap % kernel) - padding;
  const isInside = inputY >= 0 && inputY < height && inputX >= 0 && inputX < width;
  return isInside ? (sample * height + inputY) * width + inputX : undefined;
}
