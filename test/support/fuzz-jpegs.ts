/**
 * Decodes and transcodes mutated JPEGs: `node fuzz-jpegs.js <seed> <first> <count>`. Prints the index of each before it
 * begins, and at the end what came of them. A process of its own, so that a crash of native code is a failed test.
 */
import { writeSync } from 'node:fs';
import { type DecodeOptions, decodeImage } from '../../backends/decode/decode.ts';
import type { IntervalJpeg } from '../../backends/decode/interval-jpeg.ts';
import { decodeRegion } from '../../backends/decode/region.ts';
import { DataError } from '../../src/core/errors.ts';
import type { Box, Size } from '../../src/core/image.ts';
import { type Rng, randomFor } from '../../src/core/random.ts';
import { transcodeJpeg } from '../../src/datasets/store/jpeg/transcode-jpeg.ts';
import { jpegSeeds, mutant } from './mutants.ts';

const MAX_PIXELS = 2 ** 18;
const WARM_UP = 500;

interface Image extends Size {
  readonly pixels: Buffer;
}

const [seed = 1, first = 0, count = 10_000] = process.argv.slice(2).map(Number);
const seeds = await jpegSeeds();
const outcomes: Record<string, number> = {};
const note = (outcome: string) => (outcomes[outcome] = (outcomes[outcome] ?? 0) + 1);
let [slowestMs, rssBefore, rssMost] = [0, 0, 0];

for (let index = first; index < first + count; index++) {
  writeSync(1, `${index}\n`);
  const start = performance.now();
  const rng = randomFor(seed, 1, index, 0);
  const bytes = mutant(seeds, seed, index);
  const options: DecodeOptions = {
    dct: index % 8 === 0 ? 'accurate' : 'fast',
    orientation: index % 3 === 0 ? 'apply' : 'ignore',
    maxPixels: MAX_PIXELS,
  };
  const image = await decode(bytes, options);
  note(typeof image === 'string' ? image : 'image');
  const made = transcodeJpeg(bytes, { maxPixels: MAX_PIXELS });
  if ('jpeg' in made) {
    note('transcoded');
    await compareRegion(index, made.jpeg, image, options, rng);
  }
  slowestMs = Math.max(slowestMs, performance.now() - start);
  if (index < first + WARM_UP) rssBefore = Math.max(rssBefore, process.memoryUsage.rss());
  else if (index % 50 === 0) rssMost = Math.max(rssMost, process.memoryUsage.rss());
}
console.log(JSON.stringify({ outcomes, slowestMs, rssGrowth: rssMost - rssBefore }));

/** The image or the code of the error: any other exception ends the process. */
async function decode(bytes: Buffer, options: DecodeOptions): Promise<Image | string> {
  let pixels = Buffer.alloc(0);
  try {
    const size = await decodeImage(bytes, options, (needed) => {
      pixels = Buffer.alloc(needed.width * needed.height * 3);
      return pixels;
    });
    return { ...size, pixels };
  } catch (error) {
    if (error instanceof DataError && /^[A-Z_]+$/.test(error.code)) return error.code;
    throw error;
  }
}

/** What can be transcoded can be decoded, and any part of it has the pixels of the file. */
async function compareRegion(
  index: number,
  jpeg: IntervalJpeg,
  image: Image | string,
  options: DecodeOptions,
  rng: Rng,
): Promise<void> {
  if (typeof image === 'string') throw new Error(`${index}: transcoded, but cannot be decoded: ${image}`);
  const box = anyBox(image, rng);
  let pixels = Buffer.alloc(0);
  const part = await decodeRegion(jpeg, box, options, (size) => {
    pixels = Buffer.alloc(size.width * size.height * 3);
    return pixels;
  });
  for (let y = box.top; y < box.top + box.height; y++) {
    const expected = row(image.pixels, { left: 0, top: 0, ...image }, box, y);
    if (!row(pixels, part, box, y).equals(expected))
      throw new Error(`${index}: other pixels in row ${y} of ${JSON.stringify({ box, part })}`);
  }
}

function anyBox({ width, height }: Size, rng: Rng): Box {
  const [left, top] = [rng.uint32() % width, rng.uint32() % height];
  return {
    left,
    top,
    width: 1 + (rng.uint32() % (width - left)),
    height: 1 + (rng.uint32() % (height - top)),
  };
}

/** The pixels of `box` in row `y`, from an image that shows `part`. */
function row(pixels: Buffer, part: Box, box: Box, y: number): Buffer {
  const start = ((y - part.top) * part.width + box.left - part.left) * 3;
  return pixels.subarray(start, start + box.width * 3);
}
