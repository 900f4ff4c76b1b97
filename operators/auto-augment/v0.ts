import { roundHalfToEven } from '../../src/core/rounding.ts';
import type { Magnitudes, Sign } from './magnitudes.ts';
import type { Policy, SubPolicy } from './policy.ts';
import { translationOf331 } from './torchvision/magnitudes.ts';

const HIGHEST_LEVEL = 10;

/** Magnitude at a level, 0..10: NumPy's linspace(low, high, 11)[level]. */
const between = (low: number, high: number, level: number): number =>
  level === HIGHEST_LEVEL ? high : low + level * ((high - low) / HIGHEST_LEVEL);
const enhancement = (level: number) => ({ factor: between(0.1, 1.9, level) });

const magnitudes: Magnitudes = {
  shearX: (level, sign) => ({ shear: sign * between(0, 0.3, level), interpolation: 'bicubic' }),
  shearY: (level, sign) => ({ shear: sign * between(0, 0.3, level), interpolation: 'bicubic' }),
  rotate: (level, sign) => ({ degrees: sign * between(0, 30, level) }),
  color: enhancement,
  contrast: enhancement,
  sharpness: enhancement,
  brightness: enhancement,
  posterize: (level) => ({ bits: roundHalfToEven(between(0, 4, level)) }),
  solarize: (level) => ({ threshold: between(0, 256, level) }),
  solarizeAdd: (level) => ({ amount: between(0, 110, level) }),
  autoContrast: () => ({}),
  equalize: () => ({}),
  invert: () => ({}),
};

/** Largest translations: 250 pixels whatever the image's size, or the share of the image that torchvision's have. */
const translations = { absolute: () => 250, relative: translationOf331 } as const;
export const translationNames = ['absolute', 'relative'] as const satisfies (keyof typeof translations)[];
export type TranslationName = (typeof translationNames)[number];

/**
 * The policy of NVIDIA's EfficientNet recipe, which is `policy_v0` of the TensorFlow original: 25 sub-policies, of
 * which several entries change nothing (rotate and shearY at level 0, solarize at level 10, probability 0).
 *
 * Kept as they are, though they look odd: absolute translations are up to 250 pixels whatever the image's size
 * (sub-policy 15 moves an image of 224 pixels out of sight), posterize and solarize get weaker with the level, factors
 * of enhancement have no sign.
 */
export const v0 = (translate: TranslationName): Policy => ({
  magnitudes: {
    ...magnitudes,
    translateX: (level, sign, { width }) => translation(level, sign, translations[translate](width)),
    translateY: (level, sign, { height }) => translation(level, sign, translations[translate](height)),
  },
  subPolicies,
});

/** Whole pixels, as the absolute ones are at every level. */
const translation = (level: number, sign: Sign, highest: number) => ({
  pixels: sign * Math.trunc(between(0, highest, level)),
});
// biome-ignore format: one sub-policy a line
export const subPolicies: readonly SubPolicy[] = [
  [['equalize', 0.8, 1], ['shearY', 0.8, 4]],
  [['color', 0.4, 9], ['equalize', 0.6, 3]],
  [['color', 0.4, 1], ['rotate', 0.6, 8]],
  [['solarize', 0.8, 3], ['equalize', 0.4, 7]],
  [['solarize', 0.4, 2], ['solarize', 0.6, 2]],
  [['color', 0.2, 0], ['equalize', 0.8, 8]],
  [['equalize', 0.4, 8], ['solarizeAdd', 0.8, 3]],
  [['shearX', 0.2, 9], ['rotate', 0.6, 8]],
  [['color', 0.6, 1], ['equalize', 1, 2]],
  [['invert', 0.4, 9], ['rotate', 0.6, 0]],
  [['equalize', 1, 9], ['shearY', 0.6, 3]],
  [['color', 0.4, 7], ['equalize', 0.6, 0]],
  [['posterize', 0.4, 6], ['autoContrast', 0.4, 7]],
  [['solarize', 0.6, 8], ['color', 0.6, 9]],
  [['solarize', 0.2, 4], ['rotate', 0.8, 9]],
  [['rotate', 1, 7], ['translateY', 0.8, 9]],
  [['shearX', 0, 0], ['solarize', 0.8, 4]],
  [['shearY', 0.8, 0], ['color', 0.6, 4]],
  [['color', 1, 0], ['rotate', 0.6, 2]],
  [['equalize', 0.8, 4], ['equalize', 0, 8]],
  [['equalize', 1, 4], ['autoContrast', 0.6, 2]],
  [['shearY', 0.4, 7], ['solarizeAdd', 0.6, 7]],
  [['posterize', 0.8, 2], ['solarize', 0.6, 10]],
  [['solarize', 0.6, 8], ['equalize', 0.6, 1]],
  [['color', 0.8, 6], ['rotate', 0.4, 5]],
];
