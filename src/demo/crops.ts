import { DataError } from '../core/errors.ts';
import type { Size } from '../core/image.ts';
import type { Rng } from '../core/random.ts';

/** Part of an image, in pixels. */
export interface Rectangle extends Size {
  readonly left: number;
  readonly top: number;
}

/** Rectangles of a photograph that are trained on, and those that training never sees. */
export type SplitRectangles = Readonly<Record<'train' | 'val', readonly Rectangle[]>>;

/**
 * Edges of five bands across the long side, as shares of it; the second and the fourth are held out. At the 1024 px of
 * the demo's photographs the bands are 224, 176, 224, 176 and 224 px wide.
 */
const bandEdges = [0, 7 / 32, 12.5 / 32, 19.5 / 32, 25 / 32, 1];

/** Range of a crop's side in pixels; a narrower band narrows it. */
const sideRange = { min: 160, max: 224 };

const attemptsPerCrop = 500;

/**
 * Cuts a photograph into bands across its long side, in turn for training and held out. A band runs over the whole
 * short side, so that both halves see sky, middle and ground, and neither sees a pixel of the other.
 */
export function splitIntoBands({ width, height }: Size): SplitRectangles {
  const isWide = width >= height;
  const length = isWide ? width : height;
  const edges = bandEdges.map((share) => Math.round(share * length));
  const bands = edges.slice(1).map((end, index) => {
    const start = edges[index] as number;
    return isWide
      ? { left: start, top: 0, width: end - start, height }
      : { left: 0, top: start, width, height: end - start };
  });
  const isTrain = (_: Rectangle, index: number): boolean => index % 2 === 0;
  return { train: bands.filter(isTrain), val: bands.filter((band, index) => !isTrain(band, index)) };
}

/** Draws `count` square crops, each inside one band, the bands in turn; those that `accept` refuses are drawn again. */
export function drawCrops(
  bands: readonly Rectangle[],
  count: number,
  rng: Rng,
  accept: (crop: Rectangle) => boolean,
): Rectangle[] {
  return Array.from({ length: count }, (_, index) => {
    const band = bands[index % bands.length] as Rectangle;
    for (let attempt = 0; attempt < attemptsPerCrop; attempt++) {
      const crop = drawSquare(band, rng);
      if (accept(crop)) return crop;
    }
    const place = `${band.width}x${band.height} at ${band.left},${band.top}`;
    throw new DataError(
      'NO_USABLE_CROP',
      `no usable crop in ${attemptsPerCrop} draws from the band ${place}`,
    );
  });
}

function drawSquare(band: Rectangle, rng: Rng): Rectangle {
  const largest = Math.min(sideRange.max, band.width, band.height);
  const smallest = Math.min(sideRange.min, largest);
  const side = smallest + rng.integer(largest - smallest + 1);
  const left = band.left + rng.integer(band.width - side + 1);
  const top = band.top + rng.integer(band.height - side + 1);
  return { left, top, width: side, height: side };
}
