import { defineAtRandom } from '../at-random.ts';
import { grayscale } from './grayscale.ts';

/**
 * Makes the image grey with the given probability; 0 leaves every image unchanged.
 *
 * image: u8 [h, w, 3], same size. torchvision's RandomGrayscale.
 */
export const randomGrayscale = defineAtRandom(grayscale.definition, {
  name: 'randomGrayscale',
  module: import.meta.url,
  probability: 0.1,
});
