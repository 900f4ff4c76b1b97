import type { Block, ConvolutionUnit, Dense, EfficientNet } from './efficientnet.ts';

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

/** Output pixels on a side: with (kernel - 1) / 2 zeros on every side, only the stride changes their number. */
export const outputSide = (side: number, { stride }: { readonly stride: number }): number =>
  Math.floor((side - 1) / stride) + 1;

export const isDense = (layer: Layer): layer is Dense => 'inFeatures' in layer;
