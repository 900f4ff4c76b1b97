import type { Block } from '../../models/efficientnet.ts';
import type { Padding, Variant } from '../../models/scaling.ts';

/** How a library names the tensors of EfficientNet, and what its files do not say of the model. */
export interface Naming {
  /** The library's name. */
  readonly family: string;
  /** A tensor that each of its models has, and no model of another family. */
  readonly sign: string;
  readonly stem: UnitNames;
  readonly features: UnitNames;
  readonly classifier: string;
  block(block: Block, place: BlockPlace): BlockNames;
  /**
   * What its models compute with, though no tensor tells.
   *
   * @param path of the weights: a file beside them may tell
   */
  assumed(variant: Variant, path: string): Assumed;
  /** How its images are resized. */
  readonly interpolation: 'bilinear' | 'bicubic';
}

/** Beginnings of the names of a convolution's weight, and of its batch norm's tensors. */
export type UnitNames = readonly [convolution: string, norm: string];

export interface BlockNames {
  /** Of a block that expands. */
  readonly expand?: UnitNames;
  readonly depthwise: UnitNames;
  readonly squeeze: string;
  readonly excite: string;
  readonly project: UnitNames;
}

export interface BlockPlace {
  readonly stage: number;
  /** Within its stage. */
  readonly repeat: number;
  /** In the model. */
  readonly index: number;
}

export interface Assumed {
  readonly batchNormEpsilon: number;
  readonly padding: Padding;
  /** What else people should know: a line. */
  readonly note?: string | undefined;
}

/** As models trained in TensorFlow have it. */
export const ofTensorFlow: Assumed = { batchNormEpsilon: 1e-3, padding: 'same' };
/** PyTorch's defaults. */
export const ofPytorch: Assumed = { batchNormEpsilon: 1e-5, padding: 'torch' };
