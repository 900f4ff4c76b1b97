import type { Numbers } from './tensor-kernel.ts';

/**
 * A filter of kernel x kernel taps on images height x width, row by row. The first tap of output pixel (y, x) lies on input pixel
 * (y stride - marginTop, x stride - marginLeft); taps beyond the border meet nothing. A margin is at most (kernel - 1) / 2.
 */
export type FilterShape = Numbers<
  'height' | 'width' | 'outHeight' | 'outWidth' | (typeof filterConstants)[number]
>;

/** What a kernel with a filter is told of its output's rows, of the images, and of its parts. */
export const filterParameters = {
  rows: 'u32',
  c4: 'u32',
  height: 'u32',
  width: 'u32',
  outHeight: 'u32',
  outWidth: 'u32',
  chunk: 'u32',
  sampleRows: 'u32',
} as const;
export const filterConstants = ['kernel', 'stride', 'marginTop', 'marginLeft'] as const;

/** The same with the input's rows, for inputs with as many channels as the output; and where such an input is. */
export const depthwiseParameters = {
  ...filterParameters,
  inputRows: 'u32',
  inputSampleRows: 'u32',
} as const;
export const inputExtent = { rows: 'inputRows', width: 'c4', sampleRows: 'inputSampleRows' } as const;

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
  const { height, width, kernel, stride, marginTop, marginLeft } = shape;
  const inputY = y * stride + Math.floor(tap / kernel) - marginTop;
  const inputX = x * stride + (tap % kernel) - marginLeft;
  const isInside = inputY >= 0 && inputY < height && inputX >= 0 && inputX < width;
  return isInside ? (sample * height + inputY) * width + inputX : undefined;
}
