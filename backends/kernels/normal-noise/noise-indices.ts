import { philox4x32 } from '../../../src/core/random.ts';

const counter = new Uint32Array(4);
const block = new Uint32Array(4);

/**
 * Writes the indices into `normalValues` for R, G and B of the pixel with this number, y * width + x. A pixel has a Philox
 * block of its own, so no pixel's noise depends on another's: 16 bits a channel, from the lower bits of word 0 on.
 */
export function noiseIndices(key0: number, key1: number, pixel: number, out: Uint16Array): void {
  counter[0] = pixel;
  philox4x32(counter, key0, key1, block);
  const [word0, word1] = block as unknown as [number, number];
  out[0] = word0 & 0xffff;
  out[1] = word0 >>> 16;
  out[2] = word1 & 0xffff;
}
