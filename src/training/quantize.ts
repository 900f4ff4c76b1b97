import type { Gpu } from '../../backends/gpu/device/device.ts';
import { DataError } from '../core/errors.ts';
import type { PrepareOptions, TensorMap, Trainer, TrainerState } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { KnownAddresses } from '../datasets/opening/known-addresses.ts';
import { type Quantization, quantizedPlaces } from '../quantization/quantization.ts';
import { type ModelBytes, quantizedBytes } from '../quantization/quantized-bytes.ts';
import { readingOf } from '../streams/open-data.ts';
import { checkOptions } from '../streams/option-checks.ts';
import { defaultRecipe } from '../streams/recipe.ts';
import {
  evaluationStream,
  evenly,
  refuseSynthetic,
  type StreamOptions,
  trainingStream,
} from '../streams/stream-options.ts';
import { trainingSteps } from '../streams/training-steps.ts';
import { withGpu } from '../streams/with-gpu.ts';
import { saveCheckpoint } from '../trainers/checkpoint.ts';
import { describeTrainer } from '../trainers/describe-trainer.ts';
import { withoutTrainersAdapter } from '../trainers/device.ts';
import { openTrainerFor } from '../trainers/trainer-for.ts';
import { alignClasses } from './align-classes.ts';
import { type Calibrated, calibrate, quantizing } from './calibrate.ts';
import { checkValIsOne } from './check-options.ts';
import { toMetadata } from './checkpoint-metadata.ts';
import { checkpointWeights } from './checkpoint-weights.ts';
import { over } from './complete-options.ts';
import { classesOf, evaluationSettings } from './evaluate.ts';
import { type Evaluation, evaluateStream } from './evaluate-stream.ts';
import { loadFile } from './load-file.ts';
import type { OpenWeights } from './opened-weights.ts';
import { checkPercentile, completeCalibration } from './quantization-options.ts';
import { type QuantizeOptions, quantizeChecks } from './quantize-options.ts';
import { quantizationOf } from './quantized-checkpoint.ts';
import { refuseOverwrite } from './refuse-overwrite.ts';
import { checkpointPath } from './resumption.ts';
import { openTrainingData } from './training-data.ts';
import { openValidation, type Validation } from './validation.ts';
import { openChosenWeights } from './weights-choice.ts';

type Accuracy = Pick<Evaluation, 'top1' | 'top5' | 'mAP' | 'loss' | 'images'>;

/** A model that was quantised, and what it is worth. */
export interface QuantizedModel {
  /** The checkpoint that was written. */
  readonly path: string;
  readonly quantization: Quantization;
  /** How many classes it tells apart, and how many of its values have a range. */
  readonly classes: number;
  readonly points: number;
  /** What the parameters take, as exported files have them. */
  readonly bytes: ModelBytes;
  /** Accuracy of the weights as they were, and in int8; undefined where nothing is evaluated. */
  readonly accuracy: { readonly float32: Accuracy; readonly int8: Accuracy } | undefined;
  /** Why nothing is evaluated; undefined where it is. */
  readonly notEvaluated: string | undefined;
}

/** Quantises a model after its training: chooses ranges by training images, and writes a checkpoint with them. */
export async function quantize(options: QuantizeOptions): Promise<QuantizedModel> {
  checkOptions('quantize', options, quantizeChecks, ['checkpoint', 'data', 'out']);
  const { stream = {}, onGpu } = options;
  checkPercentile('quantize', options.quantization ?? {});
  checkValIsOne('quantize', options);
  refuseSynthetic('quantize', stream.backend);
  return withGpu(stream, onGpu, (gpu) => quantizeOn(gpu, options));
}

/** What is quantised, opened and checked before the first batch. */
interface Work {
  readonly options: QuantizeOptions;
  readonly path: string;
  readonly opened: OpenWeights;
  readonly weights: TensorMap;
  readonly dataset: Dataset;
  readonly validation: Validation;
  readonly reading: StreamOptions;
  readonly gpu: Gpu | undefined;
  readonly trainer: Trainer;
}

async function quantizeOn(gpu: Gpu | undefined, options: QuantizeOptions): Promise<QuantizedModel> {
  const { stream = {}, out, onMessage: tell = () => {} } = options;
  const path = checkpointPath(options.checkpoint);
  refuseOverwrite('quantize', path, out);
  const opened = await openChosenWeights(path, options, tell);
  checkFloat(path, opened);
  const weights = checkpointWeights(path, opened, options.average ?? false);
  const { dataset, validation, classes } = await openImages(options, path, opened, tell);
  const trainer = await openTrainerFor(options, {
    ...{ adapter: gpu?.adapter, gpuAdapter: stream.gpuAdapter, tell },
  });
  try {
    const reading = withoutTrainersAdapter(stream, options);
    const work = { options, path, opened, weights, dataset, validation, reading, gpu, trainer };
    const { quantization, quant } = await calibrateWeights(work);
    const { model, imageSize, interpolation, isMultiLabel = false } = opened;
    const metadata = toMetadata({
      ...{ model, classes, imageSize, interpolation, isMultiLabel, quantization },
    });
    await saveCheckpoint(out, { state: { weights, optimizer: {}, quant }, metadata });
    const places = quantizedPlaces(model, quantization);
    return {
      ...{ path: out, quantization, classes: model.classes, points: places.points.length },
      bytes: quantizedBytes(model, places.weights),
      ...(await compare(work, { quantization, quant })),
    };
  } finally {
    await trainer.close();
  }
}

function checkFloat(path: string, { quantization }: OpenWeights): void {
  if (quantization === undefined) return;
  const message = `${path}: is quantised already, for ${quantization.placement}: name the checkpoint it was made of`;
  throw new DataError('ALREADY_QUANTIZED', message);
}

async function openImages(
  options: QuantizeOptions,
  path: string,
  opened: OpenWeights,
  tell: (message: string) => void,
) {
  const { data, stream = {}, evaluation = {}, valShare } = options;
  const source = { data, stream, evaluation, valShare, ...readingOf(options) };
  const known = new KnownAddresses();
  const { dataset, valPart } = await openTrainingData(source, tell, known);
  const classes = classesOf(opened, path, dataset, tell);
  const aligned = (images: Dataset) => alignClasses(images, classes, tell);
  const validation = await openValidation(source, classes, valPart && aligned(valPart), tell, known);
  return { dataset: aligned(dataset), validation, classes };
}

/** Leaves the trainer quantised. */
async function calibrateWeights(work: Work): Promise<Calibrated> {
  const { options, opened, dataset } = work;
  const reading = evenly(work.reading);
  const { onProgress, signal, onMessage } = options;
  const trainer = quantizing(work.trainer);
  const calibration = completeCalibration(over({}, options.quantization));
  const places = quantizedPlaces(opened.model, calibration);
  await prepare(work, { quantization: places });
  const computing = describeTrainer('float32', trainer.environment);
  if (computing !== undefined) onMessage?.(computing);
  const { imageSize, interpolation } = opened;
  const steps = trainingSteps({ ...defaultRecipe, imageSize, interpolation });
  const order = { epochs: 1, dropLast: true, signal };
  const stream = trainingStream(dataset, steps, { ...reading, digest: true }, order);
  return calibrate({ trainer, places, stream, options: calibration, onProgress });
}

/** The trainer with the weights, in float32 or, where places are given, to be quantised: by ranges, if there are any yet. */
async function prepare(
  { options: { stream = {} }, path, opened, weights, gpu, trainer }: Work,
  quantization: Pick<PrepareOptions, 'quantization'>,
  ranges: Pick<TrainerState, 'quant'> = {},
): Promise<void> {
  await trainer.prepare(opened.model, {
    ...{ precision: 'float32', seed: stream.seed ?? 0, settings: evaluationSettings },
    ...(gpu && { device: gpu.device }),
    ...quantization,
  });
  await loadFile(path, { weights, optimizer: {}, ...ranges }, trainer);
}

/** Evaluates in int8, as `millrace evaluate` evaluates the file, and then in float32. */
async function compare(
  work: Work,
  { quantization, quant }: Pick<Calibrated, 'quantization' | 'quant'>,
): Promise<Pick<QuantizedModel, 'accuracy' | 'notEvaluated'>> {
  const { validation, reading, opened, trainer, options, weights } = work;
  if ('reasonNot' in validation) return { accuracy: undefined, notEvaluated: validation.reasonNot };
  const evaluated = async (): Promise<Accuracy> => {
    const stream = evaluationStream(validation.dataset, reading, opened, options.signal);
    const { top1, top5, mAP, loss, images } = await evaluateStream(stream, trainer);
    return { ...{ top1, top5, loss, images }, ...(mAP !== undefined && { mAP }) };
  };
  const { onMessage = () => {}, out } = options;
  const info = { ...opened, quantization };
  await prepare(work, quantizationOf(out, info, trainer, { weights, quant }, onMessage), { quant });
  const int8 = await evaluated();
  await prepare(work, {});
  return { accuracy: { float32: await evaluated(), int8 }, notEvaluated: undefined };
}
