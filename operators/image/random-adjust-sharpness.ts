import { defineAtRandom } from '../at-random.ts';
import { sharpness } from './sharpness.ts';

/**
 * `sharpness` of `factor` with the given probability; 0 leaves every image unchanged.
 *
 * image: u8 [h, w, 3], same size. torchvision's RandomAdjustSharpness on PIL images, whose `sharpness_factor` is `factor`.
 */
export const randomAdjustSharpness = defineAtRandom(sharpness.definition, {
  name: 'randomAdjustSharpness',
  module: import.meta.url,
  probability: 0.5,
});
