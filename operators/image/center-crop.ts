import { cropCall } from '../../backends/kernels/resample/calls.ts';
import { DataError } from '../../src/core/errors.ts';
import { roundHalfToEven } from '../../src/core/rounding.ts';
import { sideParameter } from '../common-parameters.ts';
import { definePositionalOperator } from '../operator.ts';

/**
 * The middle of the image, `size` x `size` pixels. A smaller image is a DataError (torchvision pads it with black).
 *
 * image: u8 [h, w, 3] -> [size, size, 3]. torchvision's CenterCrop: half a pixel is rounded to even.
 */
export const centerCrop = definePositionalOperator('size', {
  name: 'centerCrop',
  module: import.meta.url,
  parameters: { size: sideParameter },
  fixedSize: ({ size }) => ({ width: size, height: size }),
  lower({ size }, image) {
    if (size > Math.min(image.width, image.height))
      throw new DataError(
        'IMAGE_TOO_SMALL',
        `centerCrop: ${size} x ${size} pixels do not fit into an image of ${image.width} x ${image.height}; ` +
          `add resize({ shortSide: ${size} }) before centerCrop`,
        { operator: 'centerCrop' },
      );
    const left = roundHalfToEven((image.width - size) / 2);
    const top = roundHalfToEven((image.height - size) / 2);
    return [cropCall(image, { left, top, width: size, height: size })];
  },
});
