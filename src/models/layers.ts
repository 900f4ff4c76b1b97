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

export const isDense = (layer: Layer): layer is Dense => 'inFeatures' in layer;
