/** A plane each of three channels as pixels of three values. */
export function interleavePlanes(planes: Uint8Array, pixels: Uint8Array): void {
  const size = pixels.length / 3;
  for (let i = 0, at = 0; i < size; i++) {
    pixels[at++] = planes[i] as number;
    pixels[at++] = planes[i + size] as number;
    pixels[at++] = planes[i + 2 * size] as number;
  }
}
