import { noise } from '../../backends/kernels/noise/noise.ts';
import { normalStarts } from '../../backends/kernels/noise/offset-starts.ts';
import { withUnit } from '../describe.ts';
import { defineOperator } from '../operator.ts';

const parameters = {
  mean: { min: -1, max: 1, unit: 'of full scale', default: 0 },
  sigma: { min: 0, max: 1, unit: 'of full scale', default: 0.1 },
} as const;

/**
 * Adds normal noise of mean `mean` and standard deviation `sigma` to every value, cut to whole levels, and clamps the sums to
 * 0..255. Draws the key of a Philox generator, which has a block of its own for each pixel.
 *
 * image: u8 [h, w, 3], same size. torchvision's GaussianNoise (version 2) on uint8 images with `clip`, with other random numbers:
 * a value is one of 65,536, at most 4.32 standard deviations from the mean.
 */
export const gaussianNoise = defineOperator({
  name: 'gaussianNoise',
  module: import.meta.url,
  parameters,
  neutral: { mean: 0, sigma: 0 },
  draw: ({ mean, sigma }, rng) => ({ mean, sigma, key: [rng.uint32(), rng.uint32()] as const }),
  describe: ({ sigma }) => [`gaussianNoise ${withUnit({ parameters }, 'sigma', sigma, 3)}`],
  lower: ({ mean, sigma, key: [key0, key1] }) => {
    if (mean === 0 && sigma === 0) return [];
    return [noise({ key0, key1, starts: normalStarts(mean, sigma) })];
  },
});
