import { affineInterpolations } from '../backends/kernels/affine/affine.ts';
import { paddingModes } from '../backends/kernels/gather/calls.ts';
import { resizeModes } from '../backends/kernels/resample/calls.ts';
import type { ChoiceParameter, NumberParameter, TripleParameter } from './parameters.ts';

/** Parameters that several operators share. */

/** Width or height of a result. 16,384 is the largest side of a WebP file and of a GPU texture. */
export const sideParameter = {
  type: 'integer',
  min: 1,
  max: 16384,
  unit: 'pixels',
} as const satisfies NumberParameter;

/** How a resize weighs pixels: the recipe's training scripts say bicubic, torchvision's default is bilinear. */
export const resizeInterpolation = {
  type: 'choice',
  choices: resizeModes,
  default: 'bilinear',
} as const satisfies ChoiceParameter;

/** A colour, as R, G, B. */
export const colourParameter = {
  type: 'triple',
  integer: true,
  min: 0,
  max: 255,
  unit: 'levels',
} as const satisfies TripleParameter;

/** What is beyond the border of an image. */
export const paddingParameters = {
  mode: { type: 'choice', choices: paddingModes, default: 'constant' },
  /** Of the mode `constant`. */
  fill: { ...colourParameter, default: [0, 0, 0] },
} as const satisfies { mode: ChoiceParameter; fill: TripleParameter };

/** What shears, translations and rotations share. */
export const warpParameters = {
  /** How a value between pixels is found. */
  interpolation: { type: 'choice', choices: affineInterpolations, default: 'nearest' },
  /** Of what comes from outside the image. */
  fill: { ...colourParameter, default: [128, 128, 128] },
} as const satisfies { interpolation: ChoiceParameter; fill: TripleParameter };

/** The same where each policy has its own. */
export const optionalWarpParameters = {
  interpolation: { type: 'choice', choices: [...affineInterpolations, 'random'], optional: true },
  fill: { type: 'triple', integer: true, min: 0, max: 255, unit: 'levels', optional: true },
} as const satisfies { interpolation: ChoiceParameter; fill: TripleParameter };

/** The same where torchvision's transforms are met, which fill with black. */
export const warpsFilledWithBlack = {
  ...warpParameters,
  fill: { ...warpParameters.fill, default: [0, 0, 0] },
} as const satisfies { interpolation: ChoiceParameter; fill: TripleParameter };

/** Number of magnitudes from none to the highest. */
export const binsParameter = {
  type: 'integer',
  min: 2,
  max: 256,
  unit: 'magnitudes',
  default: 31,
} as const satisfies NumberParameter;

/** Weight of the image against its degenerate form: 0 is that form, 1 the image, more goes beyond it. */
export const enhancementFactor = { min: 0, max: 10, unit: 'times' } as const satisfies NumberParameter;

/** A shear: pixels sideways a pixel, which is the tangent of the angle. */
export const shearParameter = { min: -2, max: 2, unit: 'pixels a pixel' } as const satisfies NumberParameter;

export const translationParameter = {
  min: -16384,
  max: 16384,
  unit: 'pixels',
} as const satisfies NumberParameter;
