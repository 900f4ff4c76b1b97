import { describe, expect, it } from 'vitest';
import { autoContrastExceptions } from '../../../../backends/kernels/statistics-lut/auto-contrast-exceptions.ts';
import { Statistic, statisticsLut } from '../../../../backends/kernels/statistics-lut/statistics-lut.ts';

const words = autoContrastExceptions();

/** What statistics-lut.wgsl.ts does with a word of the table. */
function stretchedByTable(v: number, low: number, high: number): number {
  const scaled = (v - low) * 255;
  const value = Math.floor(scaled / (high - low));
  const word = words[low * 256 + high] as number;
  if (word === 0 || scaled % (high - low) !== 0) return value;
  return value - ((word >>> Math.floor(value / (word >>> 24))) & 1);
}

/** A pixel of each level, grey. */
const ramp = Uint8Array.from({ length: 3 * 256 }, (_, i) => Math.floor(i / 3));

/** Whether table and kernel agree on the image that has the levels low..high and no others. */
function isEqual(low: number, high: number): boolean {
  const image = { data: ramp.subarray(3 * low, 3 * high + 3), width: high - low + 1, height: 1 };
  const output = new Uint8Array(image.data.length);
  statisticsLut.reference({ statistic: Statistic.autoContrast, factor: 1 }, image, output);
  for (let v = low; v <= high; v++) {
    if (output[3 * (v - low)] !== stretchedByTable(v, low, high)) return false;
  }
  return true;
}

describe('autoContrastExceptions', () => {
  it("gives the reference's levels for every range and every level in it", () => {
    const differing: number[][] = [];
    for (let high = 1; high < 256; high++) {
      for (let low = 0; low < high; low++) if (!isEqual(low, high)) differing.push([low, high]);
    }
    expect(differing).toEqual([]);
  });

  it('has as many ranges with exceptions as were counted in Pillow', () => {
    expect(words.filter((word) => word !== 0)).toHaveLength(5958);
  });
});
