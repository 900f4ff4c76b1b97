import { DataError, ParameterError } from '../core/errors.ts';
import type { Precision, PrepareOptions, TensorMap, Trainer, TrainerState } from '../core/trainer.ts';
import { checkBounds, integerModel } from '../quantization/integer-model.ts';
import { quantizedPlaces } from '../quantization/quantization.ts';
import { quantizing } from './calibrate.ts';
import type { CheckpointInfo } from './checkpoint-metadata.ts';

/**
 * What of a checkpoint's metadata a trainer is prepared with, so that it computes as the checkpoint is meant: in int8 where that is
 * quantised, else nothing. Throws where the trainer, or the precision, cannot.
 */
function roundingOf(
  path: string,
  { model, quantization }: CheckpointInfo,
  trainer: Trainer,
  precision: Precision = 'float32',
): Pick<PrepareOptions, 'quantization'> {
  if (quantization === undefined) return {};
  if (precision !== 'float32') {
    const message = `${path}: is quantised, which is for precision float32, got ${precision}`;
    throw new ParameterError('INVALID_OPTION', message);
  }
  quantizing(trainer);
  return { quantization: quantizedPlaces(model, quantization) };
}

/**
 * The same for evaluation: on integers, bit for bit as the exported file in onnxruntime, where the trainer can and the checkpoint is
 * quantised for that. Says so where a layer's sums are too large to be exact.
 */
export function quantizationOf(
  path: string,
  info: CheckpointInfo,
  trainer: Trainer,
  { weights, quant }: { readonly weights: TensorMap; readonly quant?: TensorMap | undefined },
  tell: (message: string) => void,
  precision?: Precision,
): Pick<PrepareOptions, 'quantization'> {
  const { quantization } = roundingOf(path, info, trainer, precision);
  if (quantization === undefined) return {};
  const isForIntegers = info.quantization?.placement === 'onnxruntime' && quantization.levels === undefined;
  if (!isForIntegers || trainer.evaluatesExactly !== true || quant === undefined) return { quantization };
  try {
    checkBounds(integerModel(info.model, weights, quant));
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    // what else is wrong with the weights or the ranges, loading them says
    if (error.code !== 'ACCUMULATOR_BOUND') return { quantization };
    tell(`${error.message}: evaluated with rounding in float32, not bit for bit as onnxruntime does`);
    return { quantization };
  }
  return { quantization: { ...quantization, isExact: true } };
}

/** The ranges that belong to a checkpoint's weights; nothing where it is not quantised. */
export function rangesOf(
  path: string,
  { quantization }: Pick<CheckpointInfo, 'quantization'>,
  { quant }: { readonly quant?: TensorMap | undefined },
): Pick<TrainerState, 'quant'> {
  if (quantization === undefined) return {};
  if (quant !== undefined) return { quant };
  throw new DataError('NOT_CALIBRATED', `${path}: says that it is quantised, but has no ranges (quant.*)`);
}
