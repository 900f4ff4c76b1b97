import type { TensorFormat } from '../../../src/core/image.ts';

/** As a float's exponent is biased by 112 more than a half's. */
const UNIT = 2 ** -112;

/** What `normalizeHalfFast` multiplies by and adds: twelve floats each, of R, G, B, R, ... */
export function halfFactors({ mean, std }: TensorFormat): Float32Array {
  const factors = new Float32Array(24);
  for (let i = 0; i < 12; i++) {
    const deviation = std[i % 3] as number;
    factors[i] = UNIT / (255 * deviation);
    factors[12 + i] = (-UNIT * (mean[i % 3] as number)) / deviation;
  }
  return factors;
}

/** Pixels that have every byte in every channel, for trying a format. */
export const everyByte = (): Uint8Array => Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));

/** Whether the halves of `everyByte` are the table's: then those of all images are. */
export const areTable = (halves: Uint16Array, table: Uint16Array): boolean =>
  halves.every((half, i) => half === table[256 * (i % 3) + Math.floor(i / 3)]);
