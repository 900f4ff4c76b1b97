import { defineAtRandom } from '../at-random.ts';
import { invert } from './invert.ts';

/**
 * Makes the negative of the image with the given probability; 0 leaves every image unchanged.
 *
 * image: u8 [h, w, 3], same size. torchvision's RandomInvert.
 */
export const randomInvert = defineAtRandom(invert.definition, {
  name: 'randomInvert',
  module: import.meta.url,
  probability: 0.5,
});
