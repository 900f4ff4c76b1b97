import { DataError, ParameterError, reasonOf } from '../core/errors.ts';
import { type EfficientNet, type EfficientNetOptions, efficientNet } from '../models/efficientnet.ts';
import { placements } from '../quantization/placement.ts';
import { calibrationDefaults, type Quantization } from '../quantization/quantization.ts';
import type { RunIdentity } from './run-identity.ts';
import type { RunState } from './run-state.ts';

/** What a checkpoint says of its model, beside the weights: enough to build it again and to evaluate it. */
export interface CheckpointInfo {
  readonly model: EfficientNet;
  readonly classes: readonly string[];
  readonly imageSize: number;
  readonly interpolation: 'bilinear' | 'bicubic';
  /** Whether it was trained on images that may have several classes: each class has a probability of its own. */
  readonly isMultiLabel?: boolean;
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
  /** The file that lists the samples. */
  readonly subset?: string;
  /** Samples of an epoch, where a sampler says how many. */
  readonly samplesPerEpoch?: number;
  readonly name: string;
  readonly length: number;
}

export function toMetadata({
  model,
  classes,
  imageSize,
  interpolation,
  isMultiLabel = false,
  quantization,
  training,
}: CheckpointInfo): Record<string, string> {
  return {
    format: 'millrace-checkpoint-1',
    model: JSON.stringify(model.options),
    classes: JSON.stringify(classes),
    imageSize: String(imageSize),
    interpolation,
    ...(isMultiLabel && { multiLabel: 'true' }),
    ...(quantization && { quantization: JSON.stringify(quantization) }),
    ...(training && { training: JSON.stringify(training) }),
  };
}

export function fromMetadata(path: string, metadata: Readonly<Record<string, string>>): CheckpointInfo {
  const { model, classes, imageSize, interpolation, multiLabel, quantization, training } = metadata;
  if (model === undefined || classes === undefined || imageSize === undefined) {
    const reason = 'does not say its model, its classes and its image size: not a checkpoint of millrace';
    throw new DataError('NOT_A_CHECKPOINT', `${path}: ${reason}`);
  }
  const read = <T>(name: string, text: string, kind: Kind<T>): T =>
    parsed(`${path}: its ${name}`, text, kind);
  return {
    model: modelOf(path, read('model', model, options)),
    classes: read('classes', classes, names),
    imageSize: read('imageSize', imageSize, size),
    interpolation: interpolation === 'bicubic' ? 'bicubic' : 'bilinear',
    ...(multiLabel === 'true' && { isMultiLabel: true }),
    ...(quantization !== undefined && { quantization: read('quantization', quantization, ranges) }),
    ...(training !== undefined && { training: read('training', training, progress) }),
  };
}

/** A kind of value, in words, and whether one is of it. */
type Kind<T> = readonly [expected: string, isOne: (value: unknown) => value is T];

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isLevels = (value: unknown): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= calibrationDefaults.levels;

const options: Kind<EfficientNetOptions> = ['an object', isRecord];
const names: Kind<string[]> = [
  'a list of texts',
  (value): value is string[] => Array.isArray(value) && value.every((name) => typeof name === 'string'),
];
const size: Kind<number> = [
  'an integer >= 1',
  (value): value is number => Number.isSafeInteger(value) && (value as number) >= 1,
];
const ranges: Kind<Quantization> = [
  `an object with a placement (${placements.join(' or ')}), and levels of 1..${calibrationDefaults.levels} or none`,
  (value): value is Quantization & Record<string, unknown> =>
    isRecord(value) &&
    placements.some((one) => one === value['placement']) &&
    (value['levels'] === undefined || isLevels(value['levels'])),
];
const progress: Kind<TrainingInfo> = [
  'an object with state and identity',
  (value): value is TrainingInfo & Record<string, unknown> =>
    isRecord(value) &&
    isRecord(value['state']) &&
    isRecord(value['identity']) &&
    isRecord(value['identity']['settings']),
];

function parsed<T>(what: string, text: string, [expected, isOne]: Kind<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DataError('NOT_A_CHECKPOINT', `${what} cannot be read: ${reasonOf(cause)}`, { cause });
  }
  if (isOne(value)) return value;
  throw new DataError('NOT_A_CHECKPOINT', `${what} must be ${expected}, got ${text.slice(0, 40)}`);
}

function modelOf(path: string, options: EfficientNetOptions): EfficientNet {
  try {
    return efficientNet(options);
  } catch (cause) {
    if (!(cause instanceof ParameterError)) throw cause;
    throw new DataError('NOT_A_CHECKPOINT', `${path}: its model cannot be: ${cause.message}`, { cause });
  }
}
