/** Luma of an RGB pixel, 0..255, as Pillow's convert('L'): ITU-R 601 weights in 16-bit fixed point. */
export function luma(r: number, g: number, b: number): number {
  return (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
}
