import { at } from '../at.ts';
import { quantizedImage, thresholdsSize } from '../image-thresholds.ts';
import { linearGroups } from '../kernel-form.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { quantizeImagesWgsl } from './quantize-images.wgsl.ts';

/** out = the integers of int8 that stand for images' values, by thresholds (see image-thresholds.ts). */
export const quantizeImages = defineTensorKernel({
  name: 'quantize-images',
  operands: {
    images: { access: 'read', width: 1 },
    thresholds: { access: 'read', width: 1 },
    out: { access: 'write', width: 4 },
  },
  parameters: { size4: 'u32' },
  workgroups: ({ size4 }) => linearGroups(size4),
  wgsl: quantizeImagesWgsl,
  wasm: {
    tiles: ({ size4 }) => [1, Math.ceil(size4 / TILE4)],
    scratch: () => 16 * TILE4,
    elementOf: 'images',
  },
  reference({ images, thresholds, out }, p) {
    const limits = thresholds.subarray(0, thresholdsSize);
    for (let i = 0; i < 4 * p.size4; i++) out[i] = quantizedImage(at(images, i), limits);
  },
});

/** Groups of 4 values of a tile: quantize-images.as.ts has the same. */
const TILE4 = 2048;
