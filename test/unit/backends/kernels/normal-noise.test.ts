import { expect, it } from 'vitest';
import { noiseIndices } from '../../../../backends/kernels/normal-noise/noise-indices.ts';
import { inverseNormal, normalValues } from '../../../../backends/kernels/normal-noise/normal-values.ts';
import { Rng } from '../../../../src/core/random.ts';

const PIXELS = 340_000;

it('has the percentage points of the normal distribution as its values', () => {
  // Python 3.11's statistics.NormalDist().inv_cdf
  const known: [p: number, value: number][] = [
    [0.5, 0.0],
    [0.4999923706054688, -1.912405605137294e-5],
    [0.25, -0.6744897501960817],
    [0.0755, -1.4360082279441817],
    [0.07499999, -1.439531541582168],
    [0.02, -2.0537489106318225],
    [0.001, -3.090232306167813],
    [7.62939453125e-6, -4.324919040826044],
  ];
  for (const [p, value] of known) expect(inverseNormal(p), `${p}`).toBeCloseTo(value, 14);
});

it('has values in ascending order, as many above 0 as below', () => {
  const values = normalValues();
  expect(values.length).toBe(65_536);
  expect(values.findIndex((value, i) => value <= (values[i - 1] as number))).toBe(-1);
  expect(values[0]).toBe(inverseNormal(0.5 / 65_536));
  expect(values[65_535]).toBe(-(values[0] as number));
});

it('takes the halves of the words of a block whose counter is the pixel', () => {
  // Random123's vector for counter 0 and key 0: 6627e8d5 e169c58d ...
  const indices = new Uint16Array(3);
  noiseIndices(0, 0, 0, indices);
  expect([...indices]).toEqual([0xe8d5, 0x6627, 0xc58d]);
  // the same key and pixel by the generator of all draws, whose counter is the number of the block at position 0
  const rng = new Rng(0x1234_5678 + 0xabc * 2 ** 32, 0, 0, 0, 0, 0);
  const words = Array.from({ length: 8 }, () => rng.uint32());
  noiseIndices(0x1234_5678, 0xabc, 1, indices);
  const [word0, word1] = words.slice(4) as [number, number];
  expect([...indices]).toEqual([word0 & 0xffff, word0 >>> 16, word1 & 0xffff]);
});

it('makes noise that is standard normal: mean, variance and distribution of a million values', () => {
  const noise = noiseOf(PIXELS);
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
  const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length;
  expect(noise.length).toBeGreaterThan(1e6);
  expect(Math.abs(mean)).toBeLessThan(0.01);
  expect(Math.abs(variance - 1)).toBeLessThan(0.01);
  expect(kolmogorovSmirnov(noise.sort())).toBeGreaterThan(0.01);
});

it('makes noise whose channels and neighbours have nothing to do with each other', () => {
  const noise = noiseOf(PIXELS);
  for (const distance of [1, 2, 3, 6]) {
    let product = 0;
    for (let i = distance; i < noise.length; i++)
      product += (noise[i] as number) * (noise[i - distance] as number);
    // the standard deviation of a correlation of independent values is 0.001
    expect(Math.abs(product / noise.length), `distance ${distance}`).toBeLessThan(0.005);
  }
});

function noiseOf(pixels: number): Float64Array {
  const values = normalValues();
  const indices = new Uint16Array(3);
  const noise = new Float64Array(3 * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    noiseIndices(20_261_128, 77, pixel, indices);
    for (let channel = 0; channel < 3; channel++)
      noise[3 * pixel + channel] = values[indices[channel] as number] as number;
  }
  return noise;
}

/**
 * How probable it is that values of the normal distribution are at least as far from it as these: Kolmogorov's limit of the
 * largest distance. Value i of the table stands for the share (i + 1/2) / 65,536, so steps of the table are not resolved.
 */
function kolmogorovSmirnov(sorted: Float64Array): number {
  const values = normalValues();
  let largest = 0;
  let index = 0;
  for (const [i, value] of sorted.entries()) {
    while ((values[index] as number) < value) index++;
    const share = (index + 0.5) / values.length;
    largest = Math.max(largest, share - i / sorted.length, (i + 1) / sorted.length - share);
  }
  const distance = largest * Math.sqrt(sorted.length);
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * (k * distance) ** 2);
  return Math.min(1, sum);
}
