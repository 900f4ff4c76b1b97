import type { TensorMap } from '../core/trainer.ts';
import type { CheckpointInfo } from './checkpoint-metadata.ts';

/** Weights under our names, and what is known of the model that they belong to. */
export interface OpenWeights extends CheckpointInfo {
  readonly weights: TensorMap;
  readonly average?: TensorMap | undefined;
  /** Ranges of int8, where they are quantised. */
  readonly quant?: TensorMap | undefined;
  /** Whether the file has no names of classes, and `classes` are numbers. */
  readonly isNumbered: boolean;
  /** What people should know of what was read, and of what was assumed: lines. */
  readonly said: readonly string[];
}
