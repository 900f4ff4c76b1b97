import { affine } from '../../backends/kernels/affine/affine.ts';
import { matrixOfParts } from '../../backends/kernels/affine/matrix.ts';
import { roundHalfToEven } from '../../src/core/rounding.ts';
import { warpsFilledWithBlack } from '../common-parameters.ts';
import { definePositionalOperator } from '../operator.ts';
import type { NumberParameter, RangeParameter } from '../parameters.ts';

const fraction = {
  min: 0,
  max: 1,
  unit: 'of the side',
  default: 0,
} as const satisfies NumberParameter;
const shear = {
  type: 'range',
  min: -80,
  max: 80,
  unit: 'degrees',
  default: [0, 0],
} as const satisfies RangeParameter;

/**
 * Shears, scales, turns and moves the image about its centre, in one map: `randomAffine([-10, 10], { scale: [0.9, 1.1] })`.
 * The angle of the turn (positive: clockwise), the factor of the scale and the angles of the shears are uniform in
 * their ranges. It moves by whole pixels, up to `translateX` of the width and `translateY` of the height each way.
 * Without options, [0, 0] degrees leave every image unchanged.
 *
 * image: u8 [h, w, 3], same size. torchvision's RandomAffine on PIL images, with `shear` and `translate` an axis each;
 * bilinear and bicubic are within 1 level of it.
 */
export const randomAffine = definePositionalOperator('degrees', {
  name: 'randomAffine',
  module: import.meta.url,
  parameters: {
    degrees: { type: 'range', min: -360, max: 360, unit: 'degrees' },
    translateX: fraction,
    translateY: fraction,
    scale: { type: 'range', min: 0.1, max: 10, unit: 'times', default: [1, 1] },
    shearX: shear,
    shearY: shear,
    ...warpsFilledWithBlack,
  },
  neutral: { degrees: [0, 0], translateX: 0, translateY: 0, scale: [1, 1], shearX: [0, 0], shearY: [0, 0] },
  draw: (ranges, rng, { width, height }) => {
    // 0 is added to have no negative zero
    const shift = (most: number) => roundHalfToEven(rng.uniform(-most, most)) + 0;
    return {
      degrees: rng.uniform(...ranges.degrees),
      translateX: shift(ranges.translateX * width),
      translateY: shift(ranges.translateY * height),
      scale: rng.uniform(...ranges.scale),
      shearX: rng.uniform(...ranges.shearX),
      shearY: rng.uniform(...ranges.shearY),
      interpolation: ranges.interpolation,
      fill: ranges.fill,
    };
  },
  describe: ({ degrees, translateX, translateY, scale, shearX, shearY }) => [
    `turned ${short(degrees)}°, scaled ${short(scale)}`,
    `moved ${translateX},${translateY} px`,
    `sheared ${short(shearX)}°, ${short(shearY)}°`,
  ],
  lower: ({ interpolation, fill, ...parts }, size) =>
    affine({ matrix: matrixOfParts(parts, size), interpolation, fill }, size),
});

const short = (value: number): number => Number(value.toPrecision(3));
