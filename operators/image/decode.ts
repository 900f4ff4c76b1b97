import {
  DEFAULT_MAX_PIXELS,
  type DecodeOptions,
  dctMethods,
  orientationModes,
} from '../../backends/decode/decode.ts';
import { definePhase } from '../operator.ts';

/**
 * Encoded bytes (JPEG, PNG, WebP ...) to pixels: u8 RGB [h, w, 3]. Implied where a pipeline does not name it.
 *
 * `dct` 'accurate' is Pillow's; 'fast' is quicker and within a few levels of it. `orientation` 'apply' turns the image
 * as its EXIF tag says, 'ignore' takes the pixels as they are stored, as Pillow's Image.open does; AVIF and TIFF are
 * always turned. Images of more than `maxPixels` are refused from their header; the default is Pillow's warning limit.
 */
export const decode = definePhase({
  name: 'decode',
  module: import.meta.url,
  phase: 'decode',
  parameters: {
    dct: { type: 'choice', choices: dctMethods, default: 'fast' },
    orientation: { type: 'choice', choices: orientationModes, default: 'ignore' },
    maxPixels: { type: 'integer', min: 1, max: 2 ** 30, unit: 'pixels', default: DEFAULT_MAX_PIXELS },
  },
  options: (parameters): DecodeOptions => parameters,
});
