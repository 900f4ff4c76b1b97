import type { Block, ConvolutionUnit, Dense } from './efficientnet.ts';

/**
 * Names of a model's values, where quantisers can stand: one for each value that goes from layer to layer. A block's output
 * is its `sum` where the input is added, else its projection's `normalized`.
 */
export const points = {
  images: 'images',
  /** What batch norm makes of a convolution. */
  normalized: ({ name }: ConvolutionUnit) => `${name}.normalized`,
  activated: ({ name }: ConvolutionUnit | Dense) => `${name}.activated`,
  /** Means over the pixels: of a block, and before the classifier. */
  pooled: ({ name }: Block) => `${name}.pooled`,
  features: 'pooled',
  affine: ({ name }: Dense) => `${name}.affine`,
  /** Sigmoids of the excitation, and what they are multiplied to. */
  factors: ({ excite }: Block) => `${excite.name}.factors`,
  scaled: ({ name }: Block) => `${name}.scaled`,
  sum: ({ name }: Block) => `${name}.sum`,
} as const;
