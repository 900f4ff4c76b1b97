import { DataError, ParameterError } from '../core/errors.ts';
import type { TrainerState } from '../core/trainer.ts';
import type { ExportedQuantization } from '../export/to-onnx-options.ts';
import type { Placement } from '../quantization/placement.ts';
import { calibrationDefaults } from '../quantization/quantization.ts';
import type { CheckpointInfo } from './checkpoint-metadata.ts';
import { rangesOf } from './quantized-checkpoint.ts';

/** How the integers of a quantised checkpoint are written. */
export interface IntegerOptions {
  /**
   * The runtime that int8 is written for: 'onnxruntime' or 'tensorrt'. Default: the one that the checkpoint was quantised for.
   */
  readonly profile?: Placement | undefined;
  /** Numbers of SiLU's sigmoid. 'int8' is faster in onnxruntime, and costs accuracy. Default 'float32'. */
  readonly sigmoid?: 'float32' | 'int8' | undefined;
}

/** What the file of a quantised checkpoint is made with; undefined for one that is not quantised. */
export function exportedQuantization(
  path: string,
  { quantization }: CheckpointInfo,
  state: TrainerState,
  { profile = quantization?.placement, sigmoid = 'float32' }: IntegerOptions,
): ExportedQuantization | undefined {
  const hasIntegerSigmoid = sigmoid === 'int8';
  if (quantization === undefined) {
    if (profile === undefined && !hasIntegerSigmoid) return undefined;
    const advice = 'is not quantised: millrace quantize chooses the ranges that int8 needs';
    throw new DataError('NOT_CALIBRATED', `${path}: ${advice}`);
  }
  const { placement, levels = calibrationDefaults.levels } = quantization;
  const refuse = (reason: string): never => {
    throw new ParameterError('CANNOT_EXPORT', `${path}: ${reason}`);
  };
  if (levels !== calibrationDefaults.levels)
    refuse(`is quantised to ${levels} levels, which files of int8 do not have`);
  if (profile === 'onnxruntime' && placement !== profile)
    refuse(`is quantised for ${placement}: outputs of layers have no ranges, which profile ${profile} needs`);
  if (profile === 'tensorrt' && hasIntegerSigmoid)
    refuse('sigmoid int8 (--sigmoid) is for profile onnxruntime');
  const { quant: ranges = {} } = rangesOf(path, { quantization }, state);
  return { profile: profile ?? placement, ranges, hasIntegerSigmoid };
}
