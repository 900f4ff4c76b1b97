import { blend } from '../blend.ts';
import { defineKernel, f32 } from '../kernel.ts';
import { luma } from '../luma.ts';

/** Blends every channel with the pixel's luma: factor 0 is grey, 1 neutral. Equals Pillow ImageEnhance.Color. */
export const saturation = defineKernel({
  name: 'saturation',
  layout: { factor: f32 },
  reference({ factor }, { data }, output) {
    for (let i = 0; i < data.length; i += 3) {
      const [r, g, b] = data.subarray(i, i + 3) as unknown as [number, number, number];
      const grey = luma(r, g, b);
      output[i] = blend(grey, r, factor);
      output[i + 1] = blend(grey, g, factor);
      output[i + 2] = blend(grey, b, factor);
    }
  },
});
