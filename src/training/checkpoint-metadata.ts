import { DataError } from '../core/errors.ts';
import { type EfficientNet, type EfficientNetOptions, efficientNet } from '../models/efficientnet.ts';
import type { Quantization } from '../quantization/quantization.ts';
import type { RunIdentity } from './run-identity.ts';
import type { RunState } from './run-state.ts';

/** What a checkpoint says of its model, beside the weights: enough to build it again and to evaluate it. */
export interface CheckpointInfo {
  readonly model: EfficientNet;
  readonly classes: readonly string[];
  readonly imageSize: number;
  readonly interpolation: 'bilinear' | 'bicubic';
  /** How it is quantised, by the ranges in the state's part `quant`. Left out: it is not. */
  readonly quantization?: Quantization;
  /** Where the training stood, to go on from. */
  readonly training?: TrainingInfo;
}

export interface TrainingInfo {
  readonly state: RunState;
  readonly identity: RunIdentity;
  /** Absent in what earlier versions wrote. */
  readonly data?: RunData;
  /** What of the machine the trainer's bits depend on, where it says so. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Where a run's dataset was, and what it was like. No part of its identity: the same data may lie elsewhere. */
export interface RunData {
  /** Left out where the dataset was given in code. */
  readonly path?: string;
  readonly split: 'train';
  /** Quarantine files whose samples were left out. */
  readonly exclude?: readonly string[];
  readonly name: string;
  readonly length: number;
}

export function toMetadata({
  model,
  classes,
  imageSize,
  interpolation,
  quantization,
  training,
}: CheckpointInfo): Record<string, string> {
  return {
    format: 'millrace-checkpoint-1',
    model: JSON.stringify(model.options),
    classes: JSON.stringify(classes),
    imageSize: String(imageSize),
    interpolation,
    ...(quantization && { quantization: JSON.stringify(quantization) }),
    ...(training && { training: JSON.stringify(training) }),
  };
}

export function fromMetadata(path: string, metadata: Readonly<Record<string, string>>): CheckpointInfo {
  const { model, classes, imageSize, interpolation, quantization, training } = metadata;
  if (model === undefined || classes === undefined || imageSize === undefined) {
    const reason = 'does not say its model, its classes and its image size: not a checkpoint of millrace';
    throw new DataError('NOT_A_CHECKPOINT', `${path}: ${reason}`);
  }
  return {
    model: efficientNet(JSON.parse(model) as EfficientNetOptions),
    classes: JSON.parse(classes) as string[],
    imageSize: Number(imageSize),
    interpolation: interpolation === 'bicubic' ? 'bicubic' : 'bilinear',
    ...(quantization !== undefined && { quantization: JSON.parse(quantization) as Quantization }),
    ...(training !== undefined && { training: JSON.parse(training) as TrainingInfo }),
  };
}
