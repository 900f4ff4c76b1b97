import type { ConvolutionUnit, EfficientNet } from './efficientnet.ts';
import { isDense, layersOf, outputSide } from './layers.ts';

/** Multiply-adds of one image's forward pass. */
export interface MultiplyAdds {
  readonly total: number;
  /** Of the total, those of depthwise convolutions. */
  readonly depthwise: number;
}

/**
 * Multiply-adds of convolutions and dense layers for a `size` x `size` image. Batch norm, activations, pooling and the
 * scaling by squeeze and excite are left out, as in the published counts.
 */
export function countMultiplyAdds(model: EfficientNet, size: number = model.resolution): MultiplyAdds {
  let side = size;
  let [total, depthwise] = [0, 0];
  for (const layer of layersOf(model)) {
    if (isDense(layer)) {
      total += layer.inFeatures * layer.outFeatures;
      continue;
    }
    side = outputSide(side, layer);
    const count = side * side * layer.outChannels * weightsAChannel(layer);
    total += count;
    if (layer.depthwise) depthwise += count;
  }
  return { total, depthwise };
}

const weightsAChannel = ({ kernel, depthwise, inChannels }: ConvolutionUnit): number =>
  kernel * kernel * (depthwise ? 1 : inChannels);
