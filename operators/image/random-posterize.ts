import { defineAtRandom } from '../at-random.ts';
import { posterize } from './posterize.ts';

/**
 * Keeps the highest `bits` bits of every value with the given probability; 0 leaves every image unchanged.
 *
 * image: u8 [h, w, 3], same size. torchvision's RandomPosterize on PIL images.
 */
export const randomPosterize = defineAtRandom(posterize.definition, {
  name: 'randomPosterize',
  module: import.meta.url,
  probability: 0.5,
});
