import { type TensorFormat, tensorLayouts, tensorTypes } from '../../src/core/image.ts';
import { definePhase } from '../operator.ts';

/**
 * Pixels to tensor elements: (v / 255 - mean) / std a channel, for v = 0..255, in `dtype` (float16 is rounded to nearest
 * even) and `layout`. Implied at the end where a pipeline does not name it.
 *
 * image: u8 [h, w, 3] -> [h, w, 3] (nhwc) or [3, h, w] (nchw). Mean 0 and std 1 give v / 255. The defaults are those of
 * ImageNet. torchvision's ToTensor and Normalize.
 */
export const normalize = definePhase({
  name: 'normalize',
  module: import.meta.url,
  phase: 'normalize',
  parameters: {
    mean: { type: 'triple', min: 0, max: 1, unit: 'of full scale', default: [0.485, 0.456, 0.406] },
    std: { type: 'triple', min: 0.001, max: 1000, unit: 'of full scale', default: [0.229, 0.224, 0.225] },
    dtype: { type: 'choice', choices: tensorTypes, default: 'float16' },
    layout: { type: 'choice', choices: tensorLayouts, default: 'nhwc' },
  },
  format: (parameters): TensorFormat => parameters,
});
