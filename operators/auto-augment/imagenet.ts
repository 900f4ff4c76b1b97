import { roundHalfToEven } from '../../src/core/rounding.ts';
import type { Policy } from './policy.ts';

const BINS = 10;
const black = [0, 0, 0] as const;

/** Magnitude of a bin: torch.linspace(low, high, 10)[bin], in float32 with fused multiply-add and from both ends. */
function between(low: number, high: number, bin: number): number {
  const [first, last] = [Math.fround(low), Math.fround(high)];
  const step = Math.fround(Math.fround(last - first) / (BINS - 1));
  return Math.fround(bin < BINS / 2 ? first + step * bin : last - step * (BINS - 1 - bin));
}
const enhancement = (bin: number, sign: 1 | -1) => ({ factor: 1 + sign * between(0, 0.9, bin) });
const translation = (bin: number, sign: 1 | -1, side: number) => ({
  pixels: sign * Math.trunc(between(0, (150 / 331) * side, bin)),
  fill: black,
});

/**
 * The policy printed in Cubuk et al., "AutoAugment: learning augmentation policies from data", with the magnitudes of
 * torchvision's AutoAugment(AutoAugmentPolicy.IMAGENET) on PIL images: ten bins, translations relative to the image,
 * nearest neighbour, outside black. Entries without a magnitude have bin 0.
 */
export const imagenet: Policy = {
  magnitudes: {
    shearX: (bin, sign) => ({ shear: sign * between(0, 0.3, bin), fill: black }),
    shearY: (bin, sign) => ({ shear: sign * between(0, 0.3, bin), fill: black }),
    translateX: (bin, sign, { width }) => translation(bin, sign, width),
    translateY: (bin, sign, { height }) => translation(bin, sign, height),
    rotate: (bin, sign) => ({ degrees: sign * between(0, 30, bin), fill: black }),
    color: enhancement,
    contrast: enhancement,
    sharpness: enhancement,
    brightness: enhancement,
    posterize: (bin) => ({ bits: 8 - roundHalfToEven(bin / ((BINS - 1) / 4)) }),
    solarize: (bin) => ({ threshold: between(255, 0, bin) }),
    // not in torchvision's space: no sub-policy of this table uses it
    solarizeAdd: () => ({ amount: 0 }),
    autoContrast: () => ({}),
    equalize: () => ({}),
    invert: () => ({}),
  },
  // biome-ignore format: one sub-policy a line
  subPolicies: [
    [['posterize', 0.4, 8], ['rotate', 0.6, 9]],
    [['solarize', 0.6, 5], ['autoContrast', 0.6, 0]],
    [['equalize', 0.8, 0], ['equalize', 0.6, 0]],
    [['posterize', 0.6, 7], ['posterize', 0.6, 6]],
    [['equalize', 0.4, 0], ['solarize', 0.2, 4]],
    [['equalize', 0.4, 0], ['rotate', 0.8, 8]],
    [['solarize', 0.6, 3], ['equalize', 0.6, 0]],
    [['posterize', 0.8, 5], ['equalize', 1, 0]],
    [['rotate', 0.2, 3], ['solarize', 0.6, 8]],
    [['equalize', 0.6, 0], ['posterize', 0.4, 6]],
    [['rotate', 0.8, 8], ['color', 0.4, 0]],
    [['rotate', 0.4, 9], ['equalize', 0.6, 0]],
    [['equalize', 0, 0], ['equalize', 0.8, 0]],
    [['invert', 0.6, 0], ['equalize', 1, 0]],
    [['color', 0.6, 4], ['contrast', 1, 8]],
    [['rotate', 0.8, 8], ['color', 1, 2]],
    [['color', 0.8, 8], ['solarize', 0.8, 7]],
    [['sharpness', 0.4, 7], ['invert', 0.6, 0]],
    [['shearX', 0.6, 5], ['equalize', 1, 0]],
    [['color', 0.4, 0], ['equalize', 0.6, 0]],
    [['equalize', 0.4, 0], ['solarize', 0.2, 4]],
    [['solarize', 0.6, 5], ['autoContrast', 0.6, 0]],
    [['invert', 0.6, 0], ['equalize', 1, 0]],
    [['color', 0.6, 4], ['contrast', 1, 8]],
    [['equalize', 0.8, 0], ['equalize', 0.6, 0]],
  ],
};
