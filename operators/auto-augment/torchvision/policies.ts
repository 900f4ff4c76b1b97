import type { Policy, SubPolicy } from '../policy.ts';
import { cifar10 } from './cifar10.ts';
import { imagenet } from './imagenet.ts';
import { linspace } from './linspace.ts';
import { torchvisionMagnitudes, translationOf331 } from './magnitudes.ts';
import { svhn } from './svhn.ts';

const BINS = 10;

/** Of torchvision.transforms.AutoAugment: translations relative to the image, nearest neighbour, outside black. */
const magnitudes = torchvisionMagnitudes({
  bins: BINS,
  shear: 0.3,
  pixels: translationOf331,
  degrees: 30,
  enhancement: 0.9,
  bits: 4,
  threshold: (bin) => linspace(255, 0, BINS, bin),
});

const policyOf = (subPolicies: readonly SubPolicy[]): Policy => ({ subPolicies, magnitudes });

/** The policies printed in AutoAugment's paper, as torchvision has them. Entries without a magnitude have bin 0. */
export const torchvisionPolicies = {
  imagenet: policyOf(imagenet),
  cifar10: policyOf(cifar10),
  svhn: policyOf(svhn),
} as const;
