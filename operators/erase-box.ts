import type { Box, Size } from '../src/core/image.ts';
import { portableExp, portableLog } from '../src/core/portable-math.ts';
import type { Rng } from '../src/core/random.ts';
import { roundHalfToEven } from '../src/core/rounding.ts';

const ATTEMPTS = 10;

type Range = readonly [low: number, high: number];

/** Sides of a part of this area (of the image's) and shape (height / width), rounded; 0 is possible. */
export function erasedSize(image: Size, area: number, ratio: number): Size {
  const pixels = image.width * image.height * area;
  return {
    width: roundHalfToEven(Math.sqrt(pixels / ratio)),
    height: roundHalfToEven(Math.sqrt(pixels * ratio)),
  };
}

/**
 * A part to erase, smaller than the image both ways, of an area uniform in `area` divided by `count` and a shape log-uniform in
 * `ratio`. Undefined where ten attempts find none, or one without pixels.
 */
export function drawEraseBox(
  rng: Rng,
  image: Size,
  area: Range,
  ratio: Range,
  count: number,
): Box | undefined {
  const [low, high] = [portableLog(ratio[0]), portableLog(ratio[1])];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const share = rng.uniform(...area) / count;
    const { width, height } = erasedSize(image, share, portableExp(rng.uniform(low, high)));
    if (width >= image.width || height >= image.height) continue;
    const top = rng.integer(image.height - height + 1);
    const left = rng.integer(image.width - width + 1);
    return width * height === 0 ? undefined : { left, top, width, height };
  }
  return undefined;
}
