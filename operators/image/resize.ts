import { type Interpolation, resizeCall } from '../../backends/kernels/resample/calls.ts';
import { DataError } from '../../src/core/errors.ts';
import type { Size } from '../../src/core/image.ts';
import { roundHalfToEven } from '../../src/core/rounding.ts';
import { resizeInterpolation, sideParameter } from '../common-parameters.ts';
import { defineOperator, type OperatorFactory } from '../operator.ts';
import { invalidParameter, type ValuesOf } from '../parameters.ts';

/** Positions on a side are 32-bit numbers; `nearest` has a table of them all, which must not be as large. */
const LONGEST_GRID = 2 ** 31 - 1;

const parameters = {
  width: { ...sideParameter, optional: true },
  height: { ...sideParameter, optional: true },
  shortSide: { ...sideParameter, optional: true },
  longSide: { ...sideParameter, optional: true },
  interpolation: resizeInterpolation,
} as const;

interface Target {
  readonly width: number;
  readonly height: number;
  readonly shortSide: number;
  readonly longSide: number;
}
type Only<Names extends keyof Target> = Pick<Target, Names> & {
  readonly [Name in Exclude<keyof Target, Names>]?: never;
};
/** The result's width and height, or the length of its shorter or longer side, which keeps the shape. */
export type ResizeOptions = { readonly interpolation?: Interpolation } & (
  | Only<'width' | 'height'>
  | Only<'shortSide'>
  | Only<'longSide'>
);

const declared = defineOperator({
  name: 'resize',
  module: import.meta.url,
  parameters,
  check({ width, height, shortSide, longSide }) {
    const given = Object.entries({ width, height, shortSide, longSide }).flatMap(([name, value]) =>
      value === undefined ? [] : [name],
    );
    if (['width,height', 'shortSide', 'longSide'].includes(given.join())) return;
    throw invalidParameter('resize', 'target', '{ width, height } or { shortSide } or { longSide }', {
      ...{ width, height, shortSide, longSide },
    });
  },
  fixedSize: ({ width, height }) => (width && height ? { width, height } : undefined),
  lower: (values, image) => [resizeCall(image, targetSize(values, image), values.interpolation)],
});

/**
 * The whole image, resized with antialiasing to `width` x `height` pixels, or so that its shape stays: its shorter side
 * has `shortSide` pixels (the longer one is rounded down) or its longer side `longSide` (the shorter one is rounded to the
 * nearest). A longer side of more than 16,384 pixels must be cropped by the next step: then only what is kept is computed.
 * `nearest` takes one pixel each, without antialiasing, and makes no side longer than that.
 *
 * image: u8 [h, w, 3] -> [height, width, 3]. The image's own size leaves it unchanged. torchvision's Resize on PIL
 * images; `longSide` is timm's ResizeKeepRatio with longest 1.
 */
export const resize: OperatorFactory<[options: ResizeOptions], (typeof declared)['definition']> = declared;

type Values = ValuesOf<typeof parameters>;

function targetSize({ width, height, shortSide, longSide, interpolation }: Values, image: Size): Size {
  if (width !== undefined && height !== undefined) return { width, height };
  if (longSide !== undefined) return withinSquare(image, longSide);
  const short = shortSide as number;
  const isUpright = image.width <= image.height;
  const [inputShort, inputLong] = isUpright ? [image.width, image.height] : [image.height, image.width];
  const long = Math.trunc((short * inputLong) / inputShort);
  const longest = interpolation === 'nearest' ? Math.max(sideParameter.max, inputLong) : LONGEST_GRID;
  if (long > longest) throw tooLong(image, short, long, longest);
  return isUpright ? { width: short, height: long } : { width: long, height: short };
}

/** timm's order of operations; a side has at least one pixel. */
function withinSquare({ width, height }: Size, side: number): Size {
  const ratio = Math.max(width / side, height / side);
  const scaled = (length: number) => Math.max(1, roundHalfToEven(length / ratio));
  return { width: scaled(width), height: scaled(height) };
}

const tooLong = ({ width, height }: Size, short: number, long: number, longest: number): DataError =>
  new DataError(
    'IMAGE_TOO_LARGE',
    `resize: an image of ${width} x ${height} with a short side of ${short} pixels would be ${long} pixels long, ` +
      `at most ${longest} are allowed`,
    { operator: 'resize' },
  );
