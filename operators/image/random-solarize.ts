import { defineAtRandom } from '../at-random.ts';
import { solarize } from './solarize.ts';

/**
 * Inverts the values that are not below `threshold`, with the given probability; 0 leaves every image unchanged.
 *
 * image: u8 [h, w, 3], same size. torchvision's RandomSolarize on PIL images.
 */
export const randomSolarize = defineAtRandom(solarize.definition, {
  name: 'randomSolarize',
  module: import.meta.url,
  probability: 0.5,
});
