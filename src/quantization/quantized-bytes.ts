import type { EfficientNet } from '../models/efficientnet.ts';
import { parametersOf, sizeOf } from '../models/parameters.ts';

/** What a model's parameters take, in bytes. */
export interface ModelBytes {
  readonly float32: number;
  readonly int8: number;
}

/**
 * Bytes of a model in whose convolutions batch norm is folded, as exported files have it: weights, and a bias of 4 bytes for each
 * output; in int8 a scale of 4 bytes as well.
 */
export function quantizedBytes(model: EfficientNet, weights: readonly string[]): ModelBytes {
  const shapes = parametersOf(model).filter(({ name }) => weights.includes(name));
  const bytesOf = (ofWeight: number, ofOutput: number) =>
    shapes.reduce((sum, { shape }) => sum + ofWeight * sizeOf(shape) + ofOutput * (shape[0] as number), 0);
  return { float32: bytesOf(4, 4), int8: bytesOf(1, 8) };
}
