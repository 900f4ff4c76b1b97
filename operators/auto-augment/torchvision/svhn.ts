import type { SubPolicy } from '../policy.ts';

/** For SVHN, printed in Cubuk et al., "AutoAugment: learning augmentation policies from data". */
// biome-ignore format: one sub-policy a line
export const svhn: readonly SubPolicy[] = [
  [['shearX', 0.9, 4], ['invert', 0.2, 0]],
  [['shearY', 0.9, 8], ['invert', 0.7, 0]],
  [['equalize', 0.6, 0], ['solarize', 0.6, 6]],
  [['invert', 0.9, 0], ['equalize', 0.6, 0]],
  [['equalize', 0.6, 0], ['rotate', 0.9, 3]],
  [['shearX', 0.9, 4], ['autoContrast', 0.8, 0]],
  [['shearY', 0.9, 8], ['invert', 0.4, 0]],
  [['shearY', 0.9, 5], ['solarize', 0.2, 6]],
  [['invert', 0.9, 0], ['autoContrast', 0.8, 0]],
  [['equalize', 0.6, 0], ['rotate', 0.9, 3]],
  [['shearX', 0.9, 4], ['solarize', 0.3, 3]],
  [['shearY', 0.8, 8], ['invert', 0.7, 0]],
  [['equalize', 0.9, 0], ['translateY', 0.6, 6]],
  [['invert', 0.9, 0], ['equalize', 0.6, 0]],
  [['contrast', 0.3, 3], ['rotate', 0.8, 4]],
  [['invert', 0.8, 0], ['translateY', 0, 2]],
  [['shearY', 0.7, 6], ['solarize', 0.4, 8]],
  [['invert', 0.6, 0], ['rotate', 0.8, 4]],
  [['shearY', 0.3, 7], ['translateX', 0.9, 3]],
  [['shearX', 0.1, 6], ['invert', 0.6, 0]],
  [['solarize', 0.7, 2], ['translateY', 0.6, 7]],
  [['shearY', 0.8, 4], ['invert', 0.8, 0]],
  [['shearX', 0.7, 9], ['translateY', 0.8, 3]],
  [['shearY', 0.8, 5], ['autoContrast', 0.7, 0]],
  [['shearX', 0.7, 2], ['invert', 0.1, 0]],
];
