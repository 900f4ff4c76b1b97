import type { Magnitudes, Sign } from '../magnitudes.ts';

/** The level at which operators have their full strength; they go beyond it where a level does. */
export const FULL_LEVEL = 10;

/** Which of timm's scales operators have: 'increasing' gets stronger with the level. */
export interface Scales {
  readonly posterize: 'plain' | 'increasing' | 'original';
  readonly solarize: 'plain' | 'increasing';
  readonly enhancement: 'plain' | 'increasing';
}

/** What timm gives its operators at a level. Where a formula goes beyond what an operator accepts, its last value stands. */
export function timmMagnitudes({ posterize, solarize, enhancement }: Scales): Magnitudes {
  const enhance = enhancements[enhancement];
  return {
    ...common,
    posterize: (level) => ({ bits: Math.max(0, Math.min(8, bits[posterize](level))) }),
    solarize: (level) => ({ threshold: thresholds[solarize](level) }),
    color: enhance,
    contrast: enhance,
    brightness: enhance,
    sharpness: enhance,
  };
}

/** The blur of policy 3a: any, up to what the level says. */
export const anyBlur: NonNullable<Magnitudes['gaussianBlur']> = (level, _sign, _size, rng) => ({
  sigma: rng.uniform(SMALLEST_SIGMA, LARGEST_SIGMA * Math.min(1, upTo(1, level))),
});

const upTo = (limit: number, level: number): number => (level / FULL_LEVEL) * limit;
const shear = (level: number, sign: Sign) => ({ shear: sign * upTo(0.3, level) });
const translate = (level: number, sign: Sign, side: number) => ({
  pixels: sign * Math.min(1, upTo(0.45, level)) * side,
});

const SMALLEST_SIGMA = 0.1;
const LARGEST_SIGMA = 2;

const common: Magnitudes = {
  shearX: shear,
  shearY: shear,
  translateX: (level, sign, { width }) => translate(level, sign, width),
  translateY: (level, sign, { height }) => translate(level, sign, height),
  rotate: (level, sign) => ({ degrees: sign * upTo(30, level) }),
  solarizeAdd: (level) => ({ amount: Math.min(128, Math.trunc(upTo(110, level))) }),
  autoContrast: () => ({}),
  equalize: () => ({}),
  invert: () => ({}),
  gaussianBlur: (level) => ({ sigma: Math.min(LARGEST_SIGMA, SMALLEST_SIGMA + upTo(1.9, level)) }),
  desaturate: (level) => ({ factor: 1 - Math.min(1, 0.5 + upTo(0.5, level)) }),
};

const keptBits = (level: number): number => Math.trunc(upTo(4, level));
const bits = {
  plain: keptBits,
  increasing: (level: number) => 4 - keptBits(level),
  original: (level: number) => 4 + keptBits(level),
};

const keptLevels = (level: number): number => Math.min(256, Math.trunc(upTo(256, level)));
const thresholds = { plain: keptLevels, increasing: (level: number) => 256 - keptLevels(level) };

const enhancements = {
  plain: (level: number) => ({ factor: upTo(1.8, level) + 0.1 }),
  increasing: (level: number, sign: Sign) => ({ factor: Math.max(0.1, 1 + sign * upTo(0.9, level)) }),
};
