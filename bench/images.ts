import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import type { RawImage, Size } from '../src/core/image.ts';
import { type Rng, randomFor } from '../src/core/random.ts';
import { generateFolder } from '../src/demo/generated-folder.ts';
import { photographs, rawLayout, readPhotograph } from '../src/demo/photographs.ts';

interface SetSize {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly seed: number;
}

/**
 * JPEG files of one size. quality: 1..100. tiles: pictures along a side, each a crop of its own: a large image without
 * enlarging photographs that are smaller (1 when left out).
 */
interface JpegSet extends SetSize {
  readonly quality: number;
  readonly chroma: '4:2:0' | '4:4:4';
  readonly tiles?: number;
}

interface PngSet extends SetSize {
  readonly format: 'png';
}

export type ImageSet = JpegSet | PngSet;

/** 4096 files of 500x375, the size of a typical ImageNet file, near 50 KB each. */
export const defaultImageSet: JpegSet = {
  count: 4096,
  width: 500,
  height: 375,
  quality: 90,
  chroma: '4:2:0',
  seed: 1,
};

/** Sets by name. The photographs are at most 1024 px wide, so that a large image is 4x4 images of the default set's kind. */
export const imageSets = {
  photos: defaultImageSet,
  fine: { ...defaultImageSet, quality: 96, chroma: '4:4:4' },
  large: { ...defaultImageSet, count: 256, width: 2000, height: 1500, tiles: 4 },
  small: { count: 16384, width: 32, height: 32, format: 'png', seed: 1 },
} as const satisfies Record<string, ImageSet>;

/**
 * Share of the photograph's largest fitting crop that an image shows, along a side. Chosen so that the default set's
 * files are near 50 KB on average.
 */
const cropShare = { min: 0.45, max: 0.85 };

/** Makes the set under `parent` unless it is there, and returns its folder: `<folder>/<photograph>/<number>.jpg`. */
export async function ensureImageSet(set: ImageSet, parent = join('bench', 'data')): Promise<string> {
  const encoding = isPng(set) ? 'png' : `q${set.quality}-${set.chroma.replaceAll(':', '')}`;
  const folder = join(parent, `${set.width}x${set.height}-${encoding}-${set.count}-${set.seed}`);
  const recipe = { version: 1, ...set, cropShare, photographs };
  await generateFolder(folder, recipe, (temporary) => writeImages(set, temporary));
  return folder;
}

const isPng = (set: ImageSet): set is PngSet => 'format' in set;

async function writeImages(set: ImageSet, folder: string): Promise<void> {
  for (const [index, name] of photographs.entries()) {
    await mkdir(join(folder, name));
    const photograph = await readPhotograph(name);
    for (let number = index; number < set.count; number += photographs.length) {
      const file = join(folder, name, `${String(number).padStart(6, '0')}.${isPng(set) ? 'png' : 'jpg'}`);
      const image = await drawImage(set, photograph, randomFor(set.seed, 0, number, 0));
      await writeFile(file, await encode(image, set).toBuffer());
    }
  }
}

function encode(image: Sharp, set: ImageSet): Sharp {
  if (isPng(set)) return image.png();
  return image.jpeg({ quality: set.quality, chromaSubsampling: set.chroma });
}

/** An image of the set's size, of one crop or of tiles. */
async function drawImage(set: ImageSet, photograph: RawImage, rng: Rng): Promise<Sharp> {
  const tiles = isPng(set) ? 1 : (set.tiles ?? 1);
  const [width, height] = [set.width / tiles, set.height / tiles];
  if (tiles === 1) return drawCrop({ width, height }, photograph, rng);
  const pictures: OverlayOptions[] = [];
  for (let tile = 0; tile < tiles ** 2; tile++) {
    const input = await drawCrop({ width, height }, photograph, rng).raw().toBuffer();
    const raw = rawLayout({ width, height });
    pictures.push({ input, raw, left: (tile % tiles) * width, top: Math.floor(tile / tiles) * height });
  }
  const background = { r: 0, g: 0, b: 0 };
  return sharp({ create: { width: set.width, height: set.height, channels: 3, background } }).composite(
    pictures,
  );
}

/** A random part of the photograph, resized to `size`. */
function drawCrop(size: Size, photograph: RawImage, rng: Rng): Sharp {
  const fit = Math.min(photograph.width / size.width, photograph.height / size.height);
  const scale = fit * rng.uniform(cropShare.min, cropShare.max);
  const width = Math.round(size.width * scale);
  const height = Math.round(size.height * scale);
  const left = rng.integer(photograph.width - width + 1);
  const top = rng.integer(photograph.height - height + 1);
  return sharp(photograph.data, { raw: rawLayout(photograph) })
    .extract({ left, top, width, height })
    .resize(size.width, size.height, { fit: 'fill' });
}

function parseImageSet(): JpegSet {
  const text = { type: 'string' } as const;
  const options = { count: text, width: text, height: text, quality: text, chroma: text, seed: text };
  const { values } = parseArgs({ options });
  const { chroma = defaultImageSet.chroma, ...numbers } = values;
  if (chroma !== '4:2:0' && chroma !== '4:4:4')
    throw new Error(`--chroma must be 4:2:0 or 4:4:4, got ${chroma}`);
  const given = Object.entries(numbers).map(([name, value]) => [name, Number(value)]);
  const wrong = given.find(([, value]) => !Number.isSafeInteger(value));
  if (wrong) throw new Error(`--${wrong[0]} must be an integer`);
  return { ...defaultImageSet, ...Object.fromEntries(given), chroma };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(`${await ensureImageSet(parseImageSet())}\n`);
}
