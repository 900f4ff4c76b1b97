import sharp from 'sharp';
import { type Rng, randomFor } from '../../src/core/random.ts';
import { transcodeJpeg } from '../../src/datasets/store/jpeg/transcode-jpeg.ts';
import { noise } from './images.ts';
import { patternImage } from './raw-images.ts';

/** Small JPEGs of every kind that the mutants begin with. */
export async function jpegSeeds(): Promise<Buffer[]> {
  const pattern = (seed: number, width: number, height: number) => {
    const { data } = patternImage(seed, width, height);
    return sharp(data, { raw: { width, height, channels: 3 } });
  };
  const { data, ...size } = noise({ width: 33, height: 17 }, 1);
  const seeds = await Promise.all(
    [
      pattern(1, 49, 35).jpeg({ quality: 75 }),
      pattern(2, 40, 32).jpeg({ chromaSubsampling: '4:4:4', quality: 95 }),
      pattern(3, 37, 29).grayscale().jpeg(),
      pattern(4, 50, 41).jpeg({ progressive: true }),
      pattern(5, 31, 42).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
      pattern(6, 45, 33).grayscale().jpeg({ progressive: true }),
      pattern(7, 48, 30).jpeg().withMetadata({ orientation: 6 }),
      pattern(8, 36, 36).jpeg({ optimiseCoding: false }),
      pattern(9, 30, 30).toColourspace('cmyk').jpeg(),
      pattern(10, 1, 1).jpeg(),
      sharp(data, { raw: { ...size, channels: 3 } }).jpeg({ quality: 100 }),
    ].map((image) => image.toBuffer()),
  );
  // with restart markers
  const cut = transcodeJpeg(seeds[0] as Buffer);
  if ('reason' in cut) throw new Error(cut.reason);
  return [...seeds, cut.jpeg.bytes];
}

/** The `index`-th mutant, always the same for one `seed`. */
export function mutant(seeds: readonly Buffer[], seed: number, index: number): Buffer {
  const rng = randomFor(seed, 0, index, 0);
  const pick = <T>(from: readonly T[]): T => from[below(rng, from.length)] as T;
  let bytes: Buffer = Buffer.from(seeds[index % seeds.length] as Buffer);
  const changes = [1, 1, 1, 2, 3][below(rng, 5)] as number;
  for (let i = 0; i < changes; i++) bytes = pick(mutations)(bytes, rng, pick(seeds));
  return bytes;
}

type Mutation = (bytes: Buffer, rng: Rng, other: Buffer) => Buffer;

const below = (rng: Rng, limit: number): number => (limit > 0 ? rng.uint32() % limit : 0);
const INTERESTING = [0, 1, 2, 3, 4, 7, 8, 15, 16, 127, 128, 200, 254, 255];

const mutations: readonly Mutation[] = [
  flipBits,
  cutOff,
  changeSegment(isFrame, 1, 4), // height and width
  changeSegment(isFrame, 6, 20), // components: ids, sampling factors, tables
  changeSegment(isFrame, 0, 6),
  changeSegment((marker) => marker === 0xda, 0, 12), // of a scan: tables, band, approximation
  changeSegment((marker) => marker === 0xc4, 0, 40), // Huffman tables
  changeSegment((marker) => marker === 0xdb, 0, 20), // quantisation tables
  changeSegment((marker) => marker === 0xe1, 0, 60), // EXIF
  changeSegment(() => true, -2, 2), // lengths of segments
  changeSegment(() => true, -3, 1), // markers
  removeRange,
  splice,
  insertMarker,
];

function flipBits(bytes: Buffer, rng: Rng): Buffer {
  for (let count = 1 + below(rng, 8); count > 0; count--) {
    const at = below(rng, bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << below(rng, 8));
  }
  return bytes;
}

function cutOff(bytes: Buffer, rng: Rng): Buffer {
  return bytes.subarray(0, below(rng, bytes.length + 1));
}

function removeRange(bytes: Buffer, rng: Rng): Buffer {
  const start = below(rng, bytes.length);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + below(rng, 80))]);
}

/** The beginning of one file and the end of another. */
function splice(bytes: Buffer, rng: Rng, other: Buffer): Buffer {
  return Buffer.concat([
    bytes.subarray(0, below(rng, bytes.length)),
    other.subarray(below(rng, other.length)),
  ]);
}

function insertMarker(bytes: Buffer, rng: Rng): Buffer {
  const at = below(rng, bytes.length);
  const marker = Buffer.of(0xff, 0xc0 + below(rng, 64));
  return Buffer.concat([bytes.subarray(0, at), marker, bytes.subarray(at)]);
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Writes values that are often wrong into a segment of a kind, `count` bytes from `first` after its length. */
function changeSegment(isKind: (marker: number) => boolean, first: number, count: number): Mutation {
  return (bytes, rng) => {
    const places = segments(bytes).filter(({ marker }) => isKind(marker));
    const place = places[below(rng, places.length)];
    if (place === undefined) return flipBits(bytes, rng);
    for (let changes = 1 + below(rng, 3); changes > 0; changes--) {
      const at = place.at + first + below(rng, count);
      if (at < bytes.length)
        bytes[at] =
          rng.uint32() % 2 === 0 ? rng.uint32() : (INTERESTING[below(rng, INTERESTING.length)] as number);
    }
    return bytes;
  };
}

/** Segments up to the first scan and those that follow one; `at` is the first byte after the length. */
function segments(bytes: Buffer): { readonly marker: number; readonly at: number }[] {
  const found = [];
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1] as number;
    const isMarker =
      bytes[at] === 0xff && marker >= 0xc0 && marker !== 0xff && (marker < 0xd0 || marker > 0xd9);
    if (isMarker) found.push({ marker, at: at + 4 });
    at += isMarker ? 2 + bytes.readUInt16BE(at + 2) : 1;
  }
  return found;
}
