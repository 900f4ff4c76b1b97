import { type WriteOptions, writeWhole } from '../core/write-whole.ts';
import { evaluationImages } from '../export/evaluation-images.ts';
import {
  inputValue,
  type ModelInput,
  type ModelValue,
  modelInputs,
  outputValue,
} from '../export/model-inputs.ts';
import { toOnnx } from '../export/to-onnx.ts';
import { type Placement, placements } from '../quantization/placement.ts';
import { type Checks, checkOptions, oneOf, text, truth } from '../streams/option-checks.ts';
import { loadCheckpoint } from '../trainers/checkpoint.ts';
import { fromMetadata } from './checkpoint-metadata.ts';
import { checkpointWeights } from './checkpoint-weights.ts';
import { classNames } from './class-names.ts';
import { ownVersion } from './environment.ts';
import { exportedQuantization, type IntegerOptions } from './exported-quantization.ts';
import { namingFile } from './load-file.ts';
import { refuseOverwrite } from './refuse-overwrite.ts';
import { checkpointPath } from './resumption.ts';

/** Which model is written, where to, and what the file takes. */
export interface ExportOptions extends IntegerOptions {
  /** A file that a training wrote, or its workspace. */
  readonly checkpoint: string;
  /** Path of the ONNX file. */
  readonly out: string;
  /**
   * 'photo': uint8 [height, width, 3], one photo of any size. 'pixels': uint8 [batch, size, size, 3], resized and cropped.
   * 'tensor': float32 [batch, 3, size, size], normalised too. Default 'photo'.
   */
  readonly input?: ModelInput | undefined;
  /** Takes the moving average of the weights that the training kept. Default false. */
  readonly average?: boolean | undefined;
}

/** What was written. */
export interface ExportedModel {
  readonly path: string;
  readonly bytes: number;
  /** Such as `efficientnet-b0`. */
  readonly model: string;
  /** The runtime that its int8 is made for; undefined where all is float32. */
  readonly profile: Placement | undefined;
  /** Edge of the model's images in pixels. */
  readonly imageSize: number;
  readonly input: ModelValue;
  readonly output: ModelValue;
  /** Names of the outputs, in order. */
  readonly classes: readonly string[];
}

const checks: Checks<ExportOptions> = {
  checkpoint: text,
  out: text,
  input: oneOf(...modelInputs),
  average: truth,
  profile: oneOf(...placements),
  sigmoid: oneOf('float32', 'int8'),
};

const onnxOutput: WriteOptions = { what: 'the ONNX file' };

/** Writes a checkpoint's model as an ONNX file. */
export async function exportOnnx(options: ExportOptions): Promise<ExportedModel> {
  checkOptions('exportOnnx', options, checks, ['checkpoint', 'out']);
  const { out, input = 'photo', average = false } = options;
  const path = checkpointPath(options.checkpoint);
  refuseOverwrite('exportOnnx', path, out);
  const { state, metadata } = await loadCheckpoint(path);
  const info = fromMetadata(path, metadata);
  const { model, imageSize, interpolation, isMultiLabel = false } = info;
  const quantization = exportedQuantization(path, info, state, options);
  const weights = checkpointWeights(path, state, average);
  const classes = classNames(undefined, info.classes, model.classes);
  const images = evaluationImages({ imageSize, interpolation });
  const file = await namingFile(path, () =>
    toOnnx(model, weights, { input, images, classes, isMultiLabel, version: ownVersion(), quantization }),
  );
  await writeWhole(out, file, onnxOutput);
  return {
    ...{ path: out, bytes: file.length, model: model.name, imageSize, classes },
    profile: quantization?.profile,
    input: inputValue(input, imageSize),
    output: outputValue(input, model.classes),
  };
}
