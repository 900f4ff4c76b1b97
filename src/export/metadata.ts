import type { EfficientNet } from '../models/efficientnet.ts';
import type { ToOnnxOptions } from './to-onnx-options.ts';

/** All that a program needs beside the graph: how to make its input, and what its outputs mean. */
export const metadataOf = (
  { name }: EfficientNet,
  { input, images, classes, isMultiLabel, version, quantization }: ToOnnxOptions,
): Readonly<Record<string, string>> => ({
  millrace: version,
  model: name,
  input,
  classes: JSON.stringify(classes),
  // outputs are logits in either case
  ...(isMultiLabel && { multiLabel: 'true' }),
  imageSize: String(images.size),
  shortSide: String(images.shortSide),
  crop: 'center',
  interpolation: images.interpolation,
  mean: JSON.stringify(images.mean),
  std: JSON.stringify(images.std),
  ...(quantization && { placement: quantization.profile }),
});
