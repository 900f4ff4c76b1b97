import { defineAtRandom } from '../at-random.ts';
import { autoContrast } from './auto-contrast.ts';

/**
 * `autoContrast` with the given probability; 0 leaves every image unchanged.
 *
 * image: u8 [h, w, 3], same size. torchvision's RandomAutocontrast on PIL images.
 */
export const randomAutoContrast = defineAtRandom(autoContrast.definition, {
  name: 'randomAutoContrast',
  module: import.meta.url,
  probability: 0.5,
});
