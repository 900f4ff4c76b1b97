import type { KernelCall } from '../backends/kernels/kernel.ts';
import { cropCall, mirrorCall } from '../backends/kernels/resample/calls.ts';
import { DataError, ParameterError } from '../src/core/errors.ts';
import type { Size } from '../src/core/image.ts';
import { roundHalfToEven } from '../src/core/rounding.ts';

/** A square of an image, mirrored or not. */
export interface ViewCrop {
  readonly left: number;
  readonly top: number;
  readonly size: number;
  readonly mirror: boolean;
}

/**
 * The crop that the `view`-th row of a sample gets: four corners and the centre, then the same of the mirrored image.
 *
 * @param views how many crops there are: 5 or 10
 */
export function viewCrop(
  operator: string,
  views: number,
  { size, image, view }: { readonly size: number; readonly image: Size; readonly view: number },
): ViewCrop {
  if (view >= views)
    throw new ParameterError(
      'TOO_MANY_VIEWS',
      `${operator}: it has ${views} crops for as many rows of a sample (views: ${views}), and this is row ${view + 1}`,
      { operator },
    );
  if (size > Math.min(image.width, image.height))
    throw new DataError(
      'IMAGE_TOO_SMALL',
      `${operator}: ${size} x ${size} pixels do not fit into an image of ${image.width} x ${image.height}; ` +
        `add resize({ shortSide: ${size} }) before ${operator}`,
      { operator },
    );
  const [right, bottom] = [image.width - size, image.height - size];
  const corners = [
    [0, 0],
    [right, 0],
    [0, bottom],
    [right, bottom],
    [roundHalfToEven(right / 2), roundHalfToEven(bottom / 2)],
  ] as const;
  const [left, top] = corners[view % 5] as (typeof corners)[number];
  const mirror = view >= 5;
  return { left: mirror ? right - left : left, top, size, mirror };
}

export function viewCropCalls({ left, top, size, mirror }: ViewCrop, image: Size): KernelCall[] {
  const square = { width: size, height: size };
  const cut = cropCall(image, { left, top, ...square });
  return mirror ? [cut, mirrorCall(square)] : [cut];
}

export const describeViewCrop = ({ left, top, mirror }: ViewCrop): string[] => [
  `crop at ${left}, ${top}${mirror ? ', mirrored' : ''}`,
];
