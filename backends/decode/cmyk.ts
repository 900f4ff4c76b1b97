/** Pillow's conversion: each ink takes its share of the light that black leaves, in rounded 8-bit products. */
export function convertCmyk(samples: Uint8Array, step: number, rgb: Buffer): void {
  for (let from = 0, to = 0; to < rgb.length; from += step, to += 3) {
    const light = 255 - (samples[from + 3] as number);
    for (let channel = 0; channel < 3; channel++) {
      const product = (samples[from + channel] as number) * light + 128;
      rgb[to + channel] = light - ((product + (product >> 8)) >> 8);
    }
  }
}
