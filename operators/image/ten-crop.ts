import { sideParameter } from '../common-parameters.ts';
import { definePositionalOperator } from '../operator.ts';
import { describeViewCrop, viewCrop, viewCropCalls } from '../view-crops.ts';

/**
 * One of ten crops of `size` x `size` pixels: those of `fiveCrop`, then those of the image flipped left to right. For pipelines with
 * `views: 10`; without views, a row gets the top left. A smaller image is a DataError.
 *
 * image: u8 [h, w, 3] -> [size, size, 3]. torchvision's TenCrop: half a pixel is rounded to even.
 */
export const tenCrop = definePositionalOperator('size', {
  name: 'tenCrop',
  module: import.meta.url,
  parameters: { size: sideParameter },
  fixedSize: ({ size }) => ({ width: size, height: size }),
  draw: ({ size }, _rng, image, view) => viewCrop('tenCrop', 10, { size, image, view }),
  describe: describeViewCrop,
  lower: viewCropCalls,
});
