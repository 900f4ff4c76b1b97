import { type Interpolation, resizeCall } from '../../backends/kernels/resample/calls.ts';
import { DataError } from '../../src/core/errors.ts';
import type { Size } from '../../src/core/image.ts';
import { resizeInterpolation, sideParameter } from '../common-parameters.ts';
import { defineOperator, type OperatorFactory } from '../operator.ts';
import { invalidParameter, type ValuesOf } from '../parameters.ts';

/** Positions on a side are 32-bit numbers. */
const LONGEST_GRID = 2 ** 31 - 1;

const parameters = {
  width: { ...sideParameter, optional: true },
  height: { ...sideParameter, optional: true },
  shortSide: { ...sideParameter, optional: true },
  interpolation: resizeInterpolation,
} as const;

/** The result's width and height, or the length of its shorter side, which keeps the shape. */
export type ResizeOptions = { readonly interpolation?: Interpolation } & (
  | { readonly width: number; readonly height: number; readonly shortSide?: never }
  | { readonly shortSide: number; readonly width?: never; readonly height?: never }
);

const declared = defineOperator({
  name: 'resize',
  module: import.meta.url,
  parameters,
  check({ width, height, shortSide }) {
    const given = [width, height, shortSide].map((value) => value !== undefined).join();
    if (given === 'true,true,false' || given === 'false,false,true') return;
    throw invalidParameter('resize', 'target', '{ width, height } or { shortSide }', {
      width,
      height,
      shortSide,
    });
  },
  fixedSize: ({ width, height }) => (width && height ? { width, height } : undefined),
  lower: (values, image) => [resizeCall(image, targetSize(values, image), values.interpolation)],
});

/**
 * The whole image, resized with antialiasing to `width` x `height` pixels, or so that its shorter side has `shortSide`
 * pixels and its shape stays (the longer side is rounded down). A longer side of more than 16,384 pixels must be cropped
 * by the next step: then only what is kept is computed.
 *
 * image: u8 [h, w, 3] -> [height, width, 3]. The image's own size leaves it unchanged. torchvision's Resize on PIL
 * images.
 */
export const resize: OperatorFactory<[options: ResizeOptions], (typeof declared)['definition']> = declared;

function targetSize({ width, height, shortSide }: ValuesOf<typeof parameters>, image: Size): Size {
  if (width !== undefined && height !== undefined) return { width, height };
  const short = shortSide as number;
  const isUpright = image.width <= image.height;
  const [inputShort, inputLong] = isUpright ? [image.width, image.height] : [image.height, image.width];
  const long = Math.trunc((short * inputLong) / inputShort);
  if (long > LONGEST_GRID) throw tooLong(image, short, long);
  return isUpright ? { width: short, height: long } : { width: long, height: short };
}

const tooLong = ({ width, height }: Size, short: number, long: number): DataError =>
  new DataError(
    'IMAGE_TOO_LARGE',
    `resize: an image of ${width} x ${height} with a short side of ${short} pixels would be ${long} pixels long, ` +
      `at most ${LONGEST_GRID} are allowed`,
    { operator: 'resize' },
  );
