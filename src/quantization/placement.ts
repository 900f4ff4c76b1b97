import type { QuantizedPlaces } from '../core/trainer.ts';
import type { Block, EfficientNet } from '../models/efficientnet.ts';
import { isDense, layersOf } from '../models/layers.ts';
import { points } from '../models/points.ts';

/**
 * Where quantisers stand. `tensorrt`, as in NVIDIA's quant_main.py: inputs of every convolution, linear layer and pool, the
 * factors of squeeze and excite, the skip. `onnxruntime`: outputs of convolutions as well, since its int8 kernels give int8.
 */
export const placements = ['tensorrt', 'onnxruntime'] as const;
export type Placement = (typeof placements)[number];

export function placesOf(model: EfficientNet, placement: Placement): QuantizedPlaces {
  const inputs = inputsOfLayers(model);
  const all = placement === 'tensorrt' ? inputs : [...inputs, ...outputsOfLayers(model)];
  const weights = layersOf(model).map(
    (layer) => `${layer.name}.${isDense(layer) ? 'weight' : 'conv.weight'}`,
  );
  return { points: all, weights };
}

const inputsOfLayers = ({ stem, blocks, features }: EfficientNet): string[] => [
  points.images,
  points.activated(stem),
  ...blocks.flatMap(inputsOfBlock),
  points.activated(features),
  points.features,
];

const inputsOfBlock = (block: Block): string[] => [
  ...(block.expand ? [points.activated(block.expand)] : []),
  points.activated(block.depthwise),
  points.pooled(block),
  points.activated(block.squeeze),
  points.factors(block),
  points.scaled(block),
  block.residual ? points.sum(block) : points.normalized(block.project),
];

/** Those that are no inputs already. */
const outputsOfLayers = ({ stem, blocks, features }: EfficientNet): string[] => [
  points.normalized(stem),
  ...blocks.flatMap(({ expand, depthwise, squeeze, excite, project, residual }) => [
    ...(expand ? [points.normalized(expand)] : []),
    points.normalized(depthwise),
    points.affine(squeeze),
    points.affine(excite),
    ...(residual ? [points.normalized(project)] : []),
  ]),
  points.normalized(features),
];
