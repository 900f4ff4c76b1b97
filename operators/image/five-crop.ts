import { sideParameter } from '../common-parameters.ts';
import { definePositionalOperator } from '../operator.ts';
import { describeViewCrop, viewCrop, viewCropCalls } from '../view-crops.ts';

/**
 * One of five crops of `size` x `size` pixels: the row of a sample that is its n-th gets the n-th of top left, top right, bottom
 * left, bottom right and centre. For pipelines with `views: 5`, where the rows of a sample have all of them; without
 * views, a row gets the top left. A smaller image is a DataError.
 *
 * image: u8 [h, w, 3] -> [size, size, 3]. torchvision's FiveCrop: half a pixel is rounded to even.
 */
export const fiveCrop = definePositionalOperator('size', {
  name: 'fiveCrop',
  module: import.meta.url,
  parameters: { size: sideParameter },
  fixedSize: ({ size }) => ({ width: size, height: size }),
  draw: ({ size }, _rng, image, view) => viewCrop('fiveCrop', 5, { size, image, view }),
  describe: describeViewCrop,
  lower: viewCropCalls,
});
