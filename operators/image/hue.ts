import { hue as hueKernel } from '../../backends/kernels/hue/hue.ts';
import { defineOperator } from '../operator.ts';

/**
 * Turns every hue by `factor` of a full turn: 1/3 makes red green, -1/3 makes it blue, 0.5 and -0.5 are opposite. The turn is cut
 * to 255ths. Hues pass through HSV in bytes, so that even 0 changes some colours a little.
 *
 * image: u8 [h, w, 3], same size. torchvision's adjust_hue on PIL images.
 */
export const hue = defineOperator({
  name: 'hue',
  module: import.meta.url,
  parameters: { factor: { min: -0.5, max: 0.5, unit: 'turns' } },
  lower: ({ factor }) => [hueKernel({ shift: Math.trunc(factor * 255) & 255 })],
});
