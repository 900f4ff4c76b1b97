import type { Block, ConvolutionUnit, Dense, EfficientNet } from './efficientnet.ts';
import type { Padding } from './scaling.ts';

/** A layer with parameters. */
export type Layer = ConvolutionUnit | Dense;

/** All layers with parameters, in the order of the forward pass, which is that of PyTorch's state_dict too. */
export function layersOf({ stem, blocks, features, classifier }: EfficientNet): Layer[] {
  return [stem, ...blocks.flatMap(layersOfBlock), features, classifier];
}

const layersOfBlock = ({ expand, depthwise, squeeze, excite, project }: Block): Layer[] => [
  ...(expand ? [expand] : []),
  depthwise,
  squeeze,
  excite,
  project,
];

/** Output pixels on a side: with either padding, only the stride changes their number. */
export const outputSide = (side: number, { stride }: { readonly stride: number }): number =>
  Math.floor((side - 1) / stride) + 1;

/** Zeros before and after an image, on one of its axes. */
export interface Margins {
  readonly before: number;
  readonly after: number;
}

/** The margins of a convolution on an axis of `side` pixels. */
export function marginsOf(
  side: number,
  { kernel, stride }: Pick<ConvolutionUnit, 'kernel' | 'stride'>,
  padding: Padding,
): Margins {
  if (padding === 'torch') return { before: (kernel - 1) / 2, after: (kernel - 1) / 2 };
  const total = Math.max(0, (outputSide(side, { stride }) - 1) * stride + kernel - side);
  const before = Math.floor(total / 2);
  return { before, after: total - before };
}

export const isDense = (layer: Layer): layer is Dense => 'inFeatures' in layer;
