import { keptByValue } from '../kept-by-value.ts';
import { normalValues } from '../normal-noise/normal-values.ts';

/** How many indices there are, and how many starts (noise.ts): one for each level but the least, -255. */
export const INDICES = 65_536;
export const STARTS = 510;

/** The starts of normal noise, in fractions of full scale. Kept: callers share them. */
export const normalStarts = (mean: number, sigma: number): Uint32Array => startsOfMean(mean)(sigma);

const startsOfMean = keptByValue((mean) => keptByValue((sigma) => makeStarts(mean, sigma)));

function makeStarts(mean: number, sigma: number): Uint32Array {
  const starts = new Uint32Array(STARTS).fill(INDICES);
  let next = 0;
  for (const [index, value] of normalValues().entries()) {
    const offset = normalOffset(value, mean, sigma);
    while (next < STARTS && offset >= next - 254) starts[next++] = index;
  }
  return starts;
}

/** As torchvision's GaussianNoise makes it of a standard normal value: in float32, cut to an integer. */
function normalOffset(value: number, mean: number, sigma: number): number {
  const product = Math.fround(Math.fround(value) * Math.fround(sigma * 255));
  return Math.trunc(Math.fround(Math.fround(mean * 255) + product));
}
