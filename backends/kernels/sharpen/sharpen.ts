import { blend } from '../blend.ts';
import { defineKernel, f32 } from '../kernel.ts';

/**
 * Blends the image with its 3 x 3 smooth (centre 5, neighbours 1): factor 0 is smooth, 1 neutral, above 1 sharper. The
 * outermost pixels stay as they are, so images under 3 x 3 do. Equals Pillow ImageEnhance.Sharpness.
 */
export const sharpen = defineKernel({
  name: 'sharpen',
  layout: { factor: f32 },
  reference({ factor }, { data, width, height }, output) {
    output.set(data);
    for (let y = 1; y < height - 1; y++) {
      for (let x = 3; x < width * 3 - 3; x++) {
        const at = y * width * 3 + x;
        output[at] = blend(smoothAt(data, at, width * 3), data[at] as number, factor);
      }
    }
  },
});

/** The rounded quotient never meets a tie: 13 is odd. */
function smoothAt(data: Uint8Array, at: number, bytesPerRow: number): number {
  let sum = 4 * (data[at] as number);
  for (const row of [at - bytesPerRow, at, at + bytesPerRow]) {
    sum += (data[row - 3] as number) + (data[row] as number) + (data[row + 3] as number);
  }
  return Math.floor((sum + 6) / 13);
}
