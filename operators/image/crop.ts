import { cropCall } from '../../backends/kernels/resample/calls.ts';
import { DataError } from '../../src/core/errors.ts';
import { sideParameter } from '../common-parameters.ts';
import { describeBox } from '../describe.ts';
import { defineOperator } from '../operator.ts';

const offset = { type: 'integer', min: 0, max: 16383, unit: 'pixels' } as const;

/**
 * The part of the image `width` x `height` pixels large whose upper left corner is at (`left`, `top`). The part must lie
 * within the image: nothing is padded, a smaller image is a DataError.
 *
 * image: u8 [h, w, 3] -> [height, width, 3]. Pillow's Image.crop.
 */
export const crop = defineOperator({
  name: 'crop',
  module: import.meta.url,
  parameters: { left: offset, top: offset, width: sideParameter, height: sideParameter },
  fixedSize: ({ width, height }) => ({ width, height }),
  describe: (box) => describeBox(box),
  lower(box, image) {
    const { left, top, width, height } = box;
    if (left + width <= image.width && top + height <= image.height) return [cropCall(image, box)];
    throw new DataError(
      'IMAGE_TOO_SMALL',
      `crop: ${width} x ${height} pixels at (${left}, ${top}) do not lie within an image of ` +
        `${image.width} x ${image.height}; add resize before crop`,
      { operator: 'crop' },
    );
  },
});
