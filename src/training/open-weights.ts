import { DataError, ParameterError } from '../core/errors.ts';
import type { TensorMap } from '../core/trainer.ts';
import type { Architecture } from '../models/architecture.ts';
import type { EfficientNet } from '../models/efficientnet.ts';
import { loadCheckpoint } from '../trainers/checkpoint.ts';
import { type CheckpointInfo, fromMetadata } from './checkpoint-metadata.ts';

/** Weights, and what is known of the model that they belong to. */
export interface OpenWeights extends CheckpointInfo {
  readonly weights: TensorMap;
  /** Moving average of the weights, where the training kept one. */
  readonly average?: TensorMap | undefined;
  /** Ranges, where they are quantised. */
  readonly quant?: TensorMap | undefined;
}

/** Makes the model of a name that `--arch` takes. */
type MakeModel = (architecture: Architecture, classes: number) => EfficientNet;

/**
 * Reads a checkpoint of ours, which says what model it holds, or weights that PyTorch saved, which do not: those need
 * the name of an architecture. Their classes are numbered.
 */
export async function openWeights(
  path: string,
  architecture: Architecture | undefined,
  makeModel: MakeModel,
): Promise<OpenWeights> {
  const { state, metadata } = await loadCheckpoint(path);
  const { weights, average, quant } = state;
  const { model: described } = metadata;
  if (described === undefined) return { weights, ...foreignModel(path, weights, architecture, makeModel) };
  const info = fromMetadata(path, metadata);
  if (architecture === undefined || architecture === info.model.name)
    return { weights, average, quant, ...info };
  throw new ParameterError('OTHER_MODEL', `${path}: holds an ${info.model.name}, not an ${architecture}`);
}

function foreignModel(
  path: string,
  weights: TensorMap,
  architecture: Architecture | undefined,
  makeModel: MakeModel,
): CheckpointInfo {
  if (architecture === undefined) {
    const advice = 'does not say its model, as files saved by PyTorch do not: name it with --arch';
    throw new ParameterError('ARCHITECTURE_NEEDED', `${path}: ${advice}`);
  }
  const name = 'classifier.fc.weight';
  const count = weights[name]?.shape[0];
  if (count === undefined) {
    const found = Object.keys(weights).slice(0, 3).join(', ') || 'none';
    throw new DataError('NOT_A_CHECKPOINT', `${path}: expected a tensor ${name}, found ${found}, ...`);
  }
  const model = makeModel(architecture, count);
  const classes = Array.from({ length: count }, (_, index) => String(index));
  return { model, classes, imageSize: model.resolution, interpolation: 'bilinear' };
}
