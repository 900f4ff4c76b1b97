import jpegTurbo from '@julusian/jpeg-turbo';
import fc from 'fast-check';
import sharp, { type JpegOptions } from 'sharp';
import type { IntervalJpeg } from '../../backends/decode/interval-jpeg.ts';
import type { RawImage, Size } from '../../src/core/image.ts';
import { randomFor } from '../../src/core/random.ts';
import { readFrame } from '../../src/datasets/store/jpeg/frame.ts';
import { optimalCode } from '../../src/datasets/store/jpeg/huffman-code.ts';
import { writeHeader } from '../../src/datasets/store/jpeg/interval-header.ts';
import { writeIntervals } from '../../src/datasets/store/jpeg/interval-writer.ts';
import { toSymbols } from '../../src/datasets/store/jpeg/symbols.ts';
import { type TranscodeOptions, transcodeJpeg } from '../../src/datasets/store/jpeg/transcode-jpeg.ts';
import { anyImage } from './arbitrary.ts';

const subsamplings = {
  '4:4:4': jpegTurbo.SAMP_444,
  '4:2:2': jpegTurbo.SAMP_422,
  '4:4:0': jpegTurbo.SAMP_440,
  '4:2:0': jpegTurbo.SAMP_420,
  gray: jpegTurbo.SAMP_GRAY,
} as const;

interface JpegRecipe {
  readonly image: RawImage;
  readonly quality: number;
  /** What libjpeg-turbo writes, with the standard's Huffman tables; or what sharp writes, with optimal ones. */
  readonly coding: { readonly turbo: keyof typeof subsamplings } | { readonly sharp: JpegOptions };
}

const anyCoding: fc.Arbitrary<JpegRecipe['coding']> = fc.oneof(
  fc
    .constantFrom(...(Object.keys(subsamplings) as (keyof typeof subsamplings)[]))
    .map((turbo) => ({ turbo })),
  fc
    .record({
      progressive: fc.boolean(),
      optimiseScans: fc.boolean(),
      chromaSubsampling: fc.constantFrom('4:2:0', '4:4:4'),
    })
    .map((options) => ({ sharp: options })),
);

/** JPEGs of all subsamplings, baseline and progressive. Sides 1..90, seldom 300. */
export const anyJpeg: fc.Arbitrary<JpegRecipe> = fc.record({
  image: fc.oneof({ weight: 15, arbitrary: anyImage(90) }, { weight: 1, arbitrary: anyImage(300) }),
  quality: fc.integer({ min: 10, max: 100 }),
  coding: anyCoding,
});

export async function encodeJpeg({ image, quality, coding }: JpegRecipe): Promise<Buffer> {
  const { width, height, data } = image;
  if ('sharp' in coding) {
    const source = sharp(data, { raw: { width, height, channels: 3 } });
    return source.jpeg({ quality, ...coding.sharp }).toBuffer();
  }
  const subsampling = subsamplings[coding.turbo];
  const options = { width, height, format: jpegTurbo.FORMAT_RGB, subsampling, quality };
  return Buffer.from(jpegTurbo.compressSync(Buffer.from(data), options));
}

type Factors = readonly (readonly [horizontal: number, vertical: number])[];

/** Of files that few encoders write: chroma quartered in x or y; whole, or halved in one axis, in MCUs of more blocks. */
export const rareFactors: readonly Factors[] = [
  [
    [4, 1],
    [1, 1],
    [1, 1],
  ],
  [
    [1, 4],
    [1, 1],
    [1, 1],
  ],
  [
    [2, 2],
    [2, 1],
    [2, 1],
  ],
  [
    [2, 2],
    [1, 2],
    [1, 2],
  ],
  [
    [2, 1],
    [2, 1],
    [2, 1],
  ],
  [[2, 2]],
];

/** A JPEG of random coefficients, a tenth of them not 0, with any sampling factors. */
export function jpegWithFactors({ width, height }: Size, factors: Factors, seed: number): Buffer {
  const described = factors.flatMap(([horizontal, vertical], i) => [i + 1, (horizontal << 4) | vertical, 0]);
  const sizes = [height >> 8, height & 255, width >> 8, width & 255];
  const frame = readFrame(
    Buffer.from([8, ...sizes, factors.length, ...described]),
    false,
    Number.POSITIVE_INFINITY,
  );
  const rng = randomFor(seed, 0, 0, 0);
  for (const { coefficients } of frame.components) {
    for (let i = 0; i < coefficients.length; i++) {
      if (rng.integer(10) === 0) coefficients[i] = rng.integer(41) - 20;
    }
  }
  // 4 bytes of symbols a "source" byte: enough for every coefficient
  const coefficients = frame.components.reduce((sum, component) => sum + component.coefficients.length, 0);
  const stream = toSymbols(frame, frame.mcus.width, coefficients);
  const codes = [0, 1, 2, 3].map((i) => optimalCode(stream.frequencies.subarray(i * 256, i * 256 + 256)));
  const quantisation = [Buffer.alloc(64, 10)];
  const header = writeHeader({ frame, quantisation, colourSegments: new Map() }, codes, frame.mcus.width, 1);
  return Buffer.concat([header.bytes, writeIntervals(stream, codes).bytes]);
}

/** The transcoded file; fails where there is none. */
export function transcoded(bytes: Buffer, options?: TranscodeOptions): IntervalJpeg {
  const result = transcodeJpeg(bytes, options);
  if ('jpeg' in result) return result.jpeg;
  throw new Error(`not transcoded: ${result.reason}`);
}
