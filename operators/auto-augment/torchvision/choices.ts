import type { Layers } from '../layers.ts';

/** What RandAugment and TrivialAugment choose from, in torchvision's order. */
export const randomChoices = [
  'identity',
  'shearX',
  'shearY',
  'translateX',
  'translateY',
  'rotate',
  'brightness',
  'color',
  'contrast',
  'sharpness',
  'posterize',
  'solarize',
  'autoContrast',
  'equalize',
] as const satisfies Layers['choices'];
