import { roundHalfToEven } from '../../../src/core/rounding.ts';
import type { Magnitudes, Sign } from '../magnitudes.ts';
import { linspace } from './linspace.ts';

/** How far the operators of a policy go in its last bin; in bin 0 they change nothing. */
export interface Space {
  readonly bins: number;
  readonly shear: number;
  /** Of a translation along a side of so many pixels. */
  readonly pixels: (side: number) => number;
  readonly degrees: number;
  /** Of a factor's distance from 1. */
  readonly enhancement: number;
  /** That posterize takes away. */
  readonly bits: number;
  readonly threshold: (bin: number) => number;
}

/** Colour of what comes from outside the image, where torchvision is given none. */
export const black = [0, 0, 0] as const;

/** Translations of AutoAugment's paper: up to 150 pixels of its images of 331. */
export const translationOf331 = (side: number): number => (150 / 331) * side;

/** What torchvision's policies give their operators, on PIL images: linspace(0, limit, bins)[bin]. */
export function torchvisionMagnitudes(space: Space): Magnitudes {
  const { bins, pixels, threshold } = space;
  const upTo = (limit: number) => Array.from({ length: bins }, (_, bin) => linspace(0, limit, bins, bin));
  const [shears, degrees, enhancements] = [space.shear, space.degrees, space.enhancement].map(upTo) as Lists;
  const shear = (bin: number, sign: Sign) => ({ shear: sign * at(shears, bin), fill: black });
  const enhance = (bin: number, sign: Sign) => ({ factor: 1 + sign * at(enhancements, bin) });
  const translate = (bin: number, sign: Sign, side: number) => ({
    pixels: sign * Math.trunc(linspace(0, pixels(side), bins, bin)),
    fill: black,
  });
  return {
    shearX: shear,
    shearY: shear,
    translateX: (bin, sign, { width }) => translate(bin, sign, width),
    translateY: (bin, sign, { height }) => translate(bin, sign, height),
    rotate: (bin, sign) => ({ degrees: sign * at(degrees, bin), fill: black }),
    color: enhance,
    contrast: enhance,
    sharpness: enhance,
    brightness: enhance,
    posterize: (bin) => ({ bits: 8 - roundHalfToEven(bin / ((bins - 1) / space.bits)) }),
    solarize: (bin) => ({ threshold: threshold(bin) }),
    autoContrast: () => ({}),
    equalize: () => ({}),
    invert: () => ({}),
  };
}

type Lists = [number[], number[], number[]];
const at = (values: readonly number[], bin: number): number => values[bin] as number;
