import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import type { RawImage } from '../src/core/image.ts';
import { type Rng, randomFor } from '../src/core/random.ts';
import { generateFolder } from '../src/demo/generated-folder.ts';
import { photographs, rawLayout, readPhotograph } from '../src/demo/photographs.ts';

/** A set of benchmark images: JPEG files of one size. quality: 1..100. */
export interface ImageSet {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly quality: number;
  readonly chroma: '4:2:0' | '4:4:4';
  readonly seed: number;
}

/** 4096 files of 500x375, the size of a typical ImageNet file, near 50 KB each. */
export const defaultImageSet: ImageSet = {
  count: 4096,
  width: 500,
  height: 375,
  quality: 90,
  chroma: '4:2:0',
  seed: 1,
};

/**
 * Share of the photograph's largest fitting crop that an image shows, along a side. Chosen so that the default set's
 * files are near 50 KB on average.
 */
const cropShare = { min: 0.45, max: 0.85 };

/** Makes the set under `parent` unless it is there, and returns its folder: `<folder>/<photograph>/<number>.jpg`. */
export async function ensureImageSet(set: ImageSet, parent = join('bench', 'data')): Promise<string> {
  const chroma = set.chroma.replaceAll(':', '');
  const folder = join(
    parent,
    `${set.width}x${set.height}-q${set.quality}-${chroma}-${set.count}-${set.seed}`,
  );
  const recipe = { version: 1, ...set, cropShare, photographs };
  await generateFolder(folder, recipe, (temporary) => writeImages(set, temporary));
  return folder;
}

async function writeImages(set: ImageSet, folder: string): Promise<void> {
  for (const [index, name] of photographs.entries()) {
    await mkdir(join(folder, name));
    const photograph = await readPhotograph(name);
    for (let number = index; number < set.count; number += photographs.length) {
      const file = join(folder, name, `${String(number).padStart(6, '0')}.jpg`);
      await writeImage(set, photograph, randomFor(set.seed, 0, number, 0), file);
    }
  }
}

async function writeImage(set: ImageSet, photograph: RawImage, rng: Rng, file: string): Promise<void> {
  const fit = Math.min(photograph.width / set.width, photograph.height / set.height);
  const scale = fit * rng.uniform(cropShare.min, cropShare.max);
  const width = Math.round(set.width * scale);
  const height = Math.round(set.height * scale);
  const left = rng.integer(photograph.width - width + 1);
  const top = rng.integer(photograph.height - height + 1);
  await sharp(photograph.data, { raw: rawLayout(photograph) })
    .extract({ left, top, width, height })
    .resize(set.width, set.height, { fit: 'fill' })
    .jpeg({ quality: set.quality, chromaSubsampling: set.chroma })
    .toFile(file);
}

function parseImageSet(): ImageSet {
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
