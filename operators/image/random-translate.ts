import { affine } from '../../backends/kernels/affine/affine.ts';
import { sideParameter, warpsFilledWithBlack } from '../common-parameters.ts';
import { definePositionalOperator } from '../operator.ts';

const { fill } = warpsFilledWithBlack;

/**
 * Moves the image by whole pixels, up to `pixels` each way along both axes, each distance as likely; what comes from
 * outside is `fill`. The same as padding by `pixels` on every side and cropping at random.
 *
 * image: u8 [h, w, 3], same size. FFCV's RandomTranslate.
 */
export const randomTranslate = definePositionalOperator('pixels', {
  name: 'randomTranslate',
  module: import.meta.url,
  parameters: { pixels: { ...sideParameter, min: 0 }, fill },
  neutral: { pixels: 0 },
  draw: ({ pixels, fill }, rng) => {
    const shift = () => rng.integer(2 * pixels + 1) - pixels;
    return { x: shift(), y: shift(), fill };
  },
  describe: ({ x, y }) => [`moved ${x},${y} px`],
  lower: ({ x, y, fill }, size) =>
    affine({ matrix: [1, 0, -x, 0, 1, -y], interpolation: 'nearest', fill }, size),
});
