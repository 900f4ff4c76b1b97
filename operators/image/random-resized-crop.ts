import {
  cropCall,
  type Interpolation,
  interpolations,
  resizeCall,
  resizeModes,
} from '../../backends/kernels/resample/calls.ts';
import type { Box, Size } from '../../src/core/image.ts';
import { portableExp, portableLog } from '../../src/core/portable-math.ts';
import type { Rng } from '../../src/core/random.ts';
import { roundHalfToEven } from '../../src/core/rounding.ts';
import { resizeInterpolation, sideParameter } from '../common-parameters.ts';
import { describeBox } from '../describe.ts';
import { definePositionalOperator } from '../operator.ts';

const ATTEMPTS = 10;

type Range = readonly [low: number, high: number];

/**
 * A random part of the image, resized to `size` x `size` pixels with antialiasing. The part's area is uniform in
 * `scale` (of the image's area), its width / height log-uniform in `ratio`; ten attempts to find one that fits, then
 * the largest centred part whose shape is within `ratio`. Draws left, top, width and height in pixels, and for the
 * interpolation 'random' (timm's) bilinear or bicubic, each as often.
 *
 * image: u8 [h, w, 3] -> [size, size, 3]. torchvision's RandomResizedCrop, whose defaults these are, on PIL images.
 */
export const randomResizedCrop = definePositionalOperator('size', {
  name: 'randomResizedCrop',
  module: import.meta.url,
  parameters: {
    size: sideParameter,
    scale: { type: 'range', min: 0, max: 1, unit: 'of the area', default: [0.08, 1] },
    ratio: { type: 'range', min: 0.01, max: 100, unit: 'width / height', default: [3 / 4, 4 / 3] },
    interpolation: { ...resizeInterpolation, choices: [...resizeModes, 'random'] },
  },
  fixedSize: ({ size }) => ({ width: size, height: size }),
  draw: ({ size, scale, ratio, interpolation }, rng, image) => ({
    ...drawBox(image, scale, ratio, rng),
    size,
    // drawn last, and only where it is asked for
    interpolation:
      interpolation === 'random' ? (interpolations[rng.integer(2)] as Interpolation) : interpolation,
  }),
  describe: (box) => describeBox(box),
  lower: ({ size, interpolation, ...box }, image) => [
    cropCall(image, box),
    resizeCall(box, { width: size, height: size }, interpolation),
  ],
});

function drawBox({ width, height }: Size, scale: Range, ratio: Range, rng: Rng): Box {
  const [logLow, logHigh] = [portableLog(ratio[0]), portableLog(ratio[1])];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = width * height * rng.uniform(...scale);
    const shape = portableExp(rng.uniform(logLow, logHigh));
    const w = roundHalfToEven(Math.sqrt(area * shape));
    const h = roundHalfToEven(Math.sqrt(area / shape));
    if (w < 1 || w > width || h < 1 || h > height) continue;
    const top = rng.integer(height - h + 1);
    const left = rng.integer(width - w + 1);
    return { left, top, width: w, height: h };
  }
  return centredBox({ width, height }, ratio);
}

/** The largest centred box whose shape is within `ratio`; at least one pixel, where torchvision may make it empty. */
function centredBox(image: Size, [low, high]: Range): Box {
  const shape = image.width / image.height;
  const width = shape > high ? Math.max(1, roundHalfToEven(image.height * high)) : image.width;
  const height = shape < low ? Math.max(1, roundHalfToEven(image.width / low)) : image.height;
  const left = Math.floor((image.width - width) / 2);
  const top = Math.floor((image.height - height) / 2);
  return { left, top, width, height };
}
