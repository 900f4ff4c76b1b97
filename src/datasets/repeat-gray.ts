/** Gray pixels as RGB: each value three times. */
export function repeatGray(gray: Uint8Array, rgb: Uint8Array): void {
  for (let i = 0, at = 0; i < gray.length; i++) {
    const value = gray[i] as number;
    rgb[at++] = value;
    rgb[at++] = value;
    rgb[at++] = value;
  }
}
