import { windowCall } from '../../backends/kernels/gather/calls.ts';
import { DataError } from '../../src/core/errors.ts';
import type { Size } from '../../src/core/image.ts';
import { paddingParameters, sideParameter } from '../common-parameters.ts';
import { describeBox } from '../describe.ts';
import { definePositionalOperator } from '../operator.ts';

/**
 * A random part of the image, `size` x `size` pixels, each place as likely. The image is first padded by `padding` pixels
 * on all sides (`paddingMode`, `fill`: as `pad` has them). An image that is smaller then is a DataError, or with
 * `padIfNeeded` padded by what it lacks, on both sides. Draws left and top in pixels of the image; below 0 is padding.
 *
 * image: u8 [h, w, 3] -> [size, size, 3]. torchvision's RandomCrop on PIL images. With padding 4 CIFAR's crop, and after
 * resize({ shortSide: size }) with `reflect` the simple crop of DeiT III and timm.
 */
export const randomCrop = definePositionalOperator('size', {
  name: 'randomCrop',
  module: import.meta.url,
  parameters: {
    size: sideParameter,
    padding: { type: 'integer', min: 0, max: 16384, unit: 'pixels', default: 0 },
    paddingMode: paddingParameters.mode,
    fill: paddingParameters.fill,
    padIfNeeded: { type: 'boolean', default: false },
  },
  fixedSize: ({ size }) => ({ width: size, height: size }),
  draw({ size, padding, paddingMode, fill, padIfNeeded }, rng, { width, height }) {
    const start = (length: number) => {
      const lacking = Math.max(0, size - (length + 2 * padding));
      if (lacking > 0 && !padIfNeeded) throw tooSmall(size, padding, { width, height });
      // what is lacking is added on both sides
      const room = length + 2 * (padding + lacking) - size;
      return rng.integer(room + 1) - padding - lacking;
    };
    const top = start(height);
    const left = start(width);
    return { left, top, width: size, height: size, padding, paddingMode, fill };
  },
  describe: (box) => describeBox(box),
  lower: ({ padding, paddingMode, fill, ...box }, image) => [
    windowCall(image, box, { mode: paddingMode, fill, first: padding }),
  ],
});

function tooSmall(size: number, padding: number, { width, height }: Size): DataError {
  const padded = padding === 0 ? '' : ` padded by ${padding}`;
  return new DataError(
    'IMAGE_TOO_SMALL',
    `randomCrop: ${size} x ${size} pixels do not fit into an image of ${width} x ${height}${padded}; add ` +
      `resize({ shortSide: ${size} }) before randomCrop, or padIfNeeded`,
    { operator: 'randomCrop' },
  );
}
