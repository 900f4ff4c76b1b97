import { defineAtRandom } from '../at-random.ts';
import { equalize } from './equalize.ts';

/**
 * `equalize` with the given probability; 0 leaves every image unchanged.
 *
 * image: u8 [h, w, 3], same size. torchvision's RandomEqualize on PIL images.
 */
export const randomEqualize = defineAtRandom(equalize.definition, {
  name: 'randomEqualize',
  module: import.meta.url,
  probability: 0.5,
});
