import { describeOperations, lowerOperations, partsOf } from '../auto-augment/composite.ts';
import { type DrawnLayers, drawLayers } from '../auto-augment/layers.ts';
import { trivialAugmentWide } from '../auto-augment/torchvision/trivial-augment.ts';
import { binsParameter, warpsFilledWithBlack } from '../common-parameters.ts';
import { defineOperator } from '../operator.ts';
import { perStep } from '../per-step.ts';

/**
 * TrivialAugment, wide: one of 14 operators (one of which changes nothing), each as often, at one of `bins` magnitudes,
 * each as often, and of either sign. Shears up to 0.99, translations to 32 pixels, rotations to 135 degrees, factors of
 * brightness, color, contrast and sharpness 1 +- 0.99, posterize to 2 bits, solarize down to 0.
 *
 * image: u8 [h, w, 3], same size. torchvision.transforms.v2.TrivialAugmentWide on PIL images, whose defaults these are;
 * Mueller and Hutter, "TrivialAugment: tuning-free yet state-of-the-art data augmentation".
 */
export const trivialAugment = defineOperator({
  name: 'trivialAugment',
  module: import.meta.url,
  parameters: { ...warpsFilledWithBlack, bins: binsParameter },
  draw: (parameters, rng, size) => drawLayers(layersOf(parameters), rng, size),
  parts: partsOf<DrawnLayers>,
  describe: describeOperations,
  lower: lowerOperations,
});

const layersOf = perStep(trivialAugmentWide);
