import { windowCall } from '../../backends/kernels/gather/calls.ts';
import { DataError } from '../../src/core/errors.ts';
import { roundHalfToEven } from '../../src/core/rounding.ts';
import { colourParameter, sideParameter } from '../common-parameters.ts';
import { definePositionalOperator } from '../operator.ts';

/**
 * The middle of the image, `size` x `size` pixels. A smaller image is a DataError, or padded with the colour `fill` where one
 * is given: torchvision pads it with black, `fill: [0, 0, 0]`.
 *
 * image: u8 [h, w, 3] -> [size, size, 3]. torchvision's CenterCrop: half a pixel is rounded to even.
 */
export const centerCrop = definePositionalOperator('size', {
  name: 'centerCrop',
  module: import.meta.url,
  parameters: {
    size: sideParameter,
    fill: { ...colourParameter, optional: true },
  },
  fixedSize: ({ size }) => ({ width: size, height: size }),
  lower({ size, fill }, image) {
    if (size > Math.min(image.width, image.height) && fill === undefined)
      throw new DataError(
        'IMAGE_TOO_SMALL',
        `centerCrop: ${size} x ${size} pixels do not fit into an image of ${image.width} x ${image.height}; ` +
          `add resize({ shortSide: ${size} }) before centerCrop`,
        { operator: 'centerCrop' },
      );
    const box = { left: start(image.width, size), top: start(image.height, size), width: size, height: size };
    return [windowCall(image, box, { mode: 'constant', fill: fill ?? BLACK })];
  },
});

const BLACK = [0, 0, 0] as const;

/** Below 0 where the image is smaller: an odd pixel is added behind it. */
const start = (length: number, size: number): number =>
  length < size ? -Math.floor((size - length) / 2) : roundHalfToEven((length - size) / 2);
