/**
 * Where Pillow's hue differs from integers. Exactly, the hue in bytes is a quotient, rounded down. Where this is no whole number,
 * Pillow's float32 gives the same. Where it is, float32 may end up just below, hence one lower: at 64 of 256 hues, whatever the
 * range (hue.ts; all 2^24 colours were compared). Eight words of 32 bits: bit h of all is set where hue h is one lower.
 */
export const huesBelow: Uint32Array = makeHuesBelow();

export const isHueBelow = (h: number): boolean => (((huesBelow[h >> 5] as number) >>> (h & 31)) & 1) === 1;

function makeHuesBelow(): Uint32Array {
  const words = new Uint32Array(8);
  for (let h = 0; h < 255; h++) {
    if (hueOfPillow(h) < h) words[h >> 5] = (words[h >> 5] as number) | (1 << (h & 31));
  }
  return words;
}

/** Pillow's hue of a colour whose hue is exactly `h` / 255 of a turn, of whatever saturation and value. */
function hueOfPillow(h: number): number {
  const sixth = Math.floor((2 * h) / 85);
  const rest = 2 * h - 85 * sixth;
  // distances of the middle channel from the lowest and the highest, in float32 as they are there
  const near = Math.fround(rest / 85);
  const far = Math.fround((85 - rest) / 85);
  const sixths = [1 - far, 1 + near, 3 - far, 3 + near, 5 - far, near - 1];
  const turn = Math.fround((Math.fround(sixths[sixth] as number) / 6 + 1) % 1);
  return Math.trunc(turn * 255);
}
