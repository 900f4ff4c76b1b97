import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import type { Gpu } from '../../backends/gpu/device/device.ts';
import { DataError } from '../core/errors.ts';
import type { TrainingSettings } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { KnownAddresses } from '../datasets/opening/known-addresses.ts';
import { absoluteSource, shownSource } from '../datasets/opening/source-path.ts';
import { evaluatedSplit, openData, type ReadingOptions, readingOf } from '../streams/open-data.ts';
import {
  type Checks,
  callback,
  checkOptions,
  dataset as datasetCheck,
  expecting,
  group,
  oneOf,
  paths,
  share,
  signal as signalCheck,
  text,
  truth,
} from '../streams/option-checks.ts';
import {
  cropModes,
  type EvaluationRecipe,
  type TestTimeAugmentation,
  testTimeAugmentations,
} from '../streams/recipe.ts';
import { type SelectionOptions, selectionOf } from '../streams/selection.ts';
import { selectionChecks, sourceChecks, streamChecks } from '../streams/stream-checks.ts';
import { evaluationStream, refuseSynthetic, type StreamOptions } from '../streams/stream-options.ts';
import { withGpu } from '../streams/with-gpu.ts';
import { describeTrainer } from '../trainers/describe-trainer.ts';
import { withoutTrainersAdapter } from '../trainers/device.ts';
import { trainerChecks } from '../trainers/trainer-checks.ts';
import { openTrainerFor, type TrainerChoice } from '../trainers/trainer-for.ts';
import { type ClassFigures, classFigures, named } from '../workspace/class-figures.ts';
import { alignClasses } from './align-classes.ts';
import { evaluatorFor } from './average-views.ts';
import { type BadSamples, badSamplesOf } from './bad-samples.ts';
import { checkAnyClass } from './check-any-class.ts';
import { checkValIsOne } from './check-options.ts';
import type { TrainingInfo } from './checkpoint-metadata.ts';
import { checkpointWeights } from './checkpoint-weights.ts';
import { type Evaluation, evaluateStream } from './evaluate-stream.ts';
import { loadFile } from './load-file.ts';
import type { OpenWeights } from './opened-weights.ts';
import { otherPrecision } from './other-precision.ts';
import { quantizationOf, rangesOf } from './quantized-checkpoint.ts';
import { checkpointPath } from './resumption.ts';
import { openTrainingData } from './training-data.ts';
import { openChosenWeights, type WeightsChoice, weightsChecks } from './weights-choice.ts';

/** Which weights are evaluated, and on what. */
export interface EvaluateOptions extends TrainerChoice, ReadingOptions, SelectionOptions, WeightsChoice {
  /** A file that a training wrote, or its workspace, or weights that others saved (docs/checkpoints.md). */
  readonly checkpoint: string;
  /** A dataset, or the path of one, whose val split is taken where it is divided. */
  readonly data: string | Dataset;
  /** Evaluates on this share of each class of the training data, as a training with it did. Default 0: on all of `data`. */
  readonly valShare?: number | undefined;
  readonly stream?: StreamOptions;
  /** Evaluates the moving average of the weights that the training kept. Default false. */
  readonly average?: boolean;
  /**
   * Test-time augmentation: judges each image by the mean of the logits of several views, of the centre and its mirror image, or of
   * torchvision's five or ten crops. The trainer has `predict`. Left out: by the centre alone.
   */
  readonly tta?: TestTimeAugmentation | undefined;
  /** Share of the resized image's side that the centre crop keeps: timm's crop_pct. Left out: 224 of 256 (docs/classify.md). */
  readonly cropPct?: EvaluationRecipe['cropPct'];
  /** What is resized: the shorter side ('center'), both ('squash') or the longer one ('border'), as timm's crop_mode. */
  readonly cropMode?: EvaluationRecipe['cropMode'];
  readonly signal?: AbortSignal | undefined;
  /** Hears what people should know, such as how many samples are left out. */
  readonly onMessage?: (message: string) => void;
  /** Hears which GPU computes, with the gpu backend. */
  readonly onGpu?: (adapter: AdapterDescription) => void;
}

export interface CheckpointEvaluation extends Omit<Evaluation, 'perClass'> {
  /** Precision, recall and images of each class, and its average precision where images may have several; undefined where the trainer does not tell its guesses. */
  readonly classes: readonly ClassFigures[] | undefined;
  readonly badSamples: BadSamples;
}

const checks: Checks<EvaluateOptions> = {
  checkpoint: text,
  ...weightsChecks,
  data: datasetCheck,
  exclude: paths,
  valShare: share,
  ...trainerChecks,
  stream: group(streamChecks),
  ...sourceChecks,
  ...selectionChecks,
  average: truth,
  tta: expecting(`one of ${testTimeAugmentations.join(', ')}`, (value) =>
    testTimeAugmentations.includes(value as never),
  ),
  cropPct: expecting(
    'a number above 0, at most 1',
    (value) => typeof value === 'number' && value > 0 && value <= 1,
  ),
  cropMode: oneOf(...cropModes),
  signal: signalCheck,
  onMessage: callback,
  onGpu: callback,
};

/** Accuracy of a checkpoint on labelled images, at the size that it was trained at. */
export async function evaluate(options: EvaluateOptions): Promise<CheckpointEvaluation> {
  checkOptions('evaluate', options, checks, ['checkpoint', 'data']);
  checkValIsOne('evaluate', options);
  const { stream = {}, onGpu } = options;
  refuseSynthetic('evaluate', stream.backend);
  return withGpu(stream, onGpu, (gpu) => evaluateOn(gpu, options));
}

async function evaluateOn(gpu: Gpu | undefined, options: EvaluateOptions): Promise<CheckpointEvaluation> {
  const { stream: streamOptions = {}, precision = 'float32', signal } = options;
  const checkpoint = checkpointPath(options.checkpoint);
  const { onMessage = () => {} } = options;
  const trainer = await openTrainerFor(options, {
    ...{ adapter: gpu?.adapter, gpuAdapter: streamOptions.gpuAdapter, tell: onMessage },
  });
  try {
    const evaluator = evaluatorFor(trainer, options.tta);
    const opened = await openChosenWeights(checkpoint, options, onMessage);
    const { model, training, imageSize, interpolation } = opened;
    const { tta, cropPct, cropMode } = options;
    const images = { imageSize, interpolation, tta, cropPct, cropMode };
    if (training !== undefined) tellOfTrainPart(options, training, onMessage);
    const converted = otherPrecision(checkpoint, training, precision);
    if (converted !== undefined) onMessage(converted);
    const evaluated = await openEvaluated(options, onMessage);
    const classes = classesOf(opened, checkpoint, evaluated, onMessage);
    const dataset = checkAnyClass(alignClasses(evaluated, classes, onMessage));
    const reading = withoutTrainersAdapter(streamOptions, options);
    const stream = evaluationStream(dataset, reading, images, signal);
    const device = gpu && { device: gpu.device };
    const seed = streamOptions.seed ?? 0;
    const weights = checkpointWeights(checkpoint, opened, options.average ?? false);
    const { quant } = opened;
    const quantization = quantizationOf(
      checkpoint,
      opened,
      trainer,
      { weights, quant },
      onMessage,
      precision,
    );
    await trainer.prepare(model, {
      ...{ precision, seed, settings: evaluationSettings, ...device },
      ...quantization,
    });
    const computing = describeTrainer(precision, trainer.environment);
    if (computing !== undefined) onMessage(computing);
    const ranges = rangesOf(checkpoint, opened, opened);
    await loadFile(checkpoint, { weights, optimizer: {}, ...ranges }, trainer);
    const { perClass, ...evaluation } = await evaluateStream(stream, evaluator);
    const { confusion: cells } = evaluation;
    const figures = perClass ? named(perClass, classes) : cells && classFigures({ classes, cells });
    return { ...evaluation, classes: figures, badSamples: badSamplesOf(stream) };
  } finally {
    await trainer.close();
  }
}

async function openEvaluated(options: EvaluateOptions, tell: (message: string) => void): Promise<Dataset> {
  const { data, valShare = 0, fold } = options;
  const reading = { ...readingOf(options), ...selectionOf(options) };
  const isCut = valShare > 0 || fold !== undefined;
  const known = new KnownAddresses();
  const part = isCut ? (await openTrainingData({ data, valShare, ...reading }, tell)).valPart : undefined;
  if (part !== undefined) return part;
  return openData(
    data,
    { ...(typeof data === 'string' ? await evaluatedSplit(data, known) : {}), ...reading, known },
    tell,
  );
}

/** Classes without names, of which there are as many as the data has, are taken for the data's in their order. */
export function classesOf(
  { classes, isNumbered }: OpenWeights,
  path: string,
  { classes: ofData }: Dataset,
  tell: (message: string) => void,
): readonly string[] {
  if (!isNumbered) return classes;
  const line = `${path}: its ${classes.length} classes have no names`;
  if (ofData.length === classes.length) {
    tell(`${line}, and are taken for the data's in their order`);
    return ofData;
  }
  if (ofData.every((name) => classes.includes(name))) return classes;
  const advice = 'name them by classes (--classes), as the data does';
  throw new DataError('OTHER_CLASSES', `${line}, and the data has ${ofData.length}: ${advice}`);
}

/** Images that were trained on are judged too well. */
function tellOfTrainPart(
  { data, valShare = 0, fold }: EvaluateOptions,
  { identity, data: trained }: TrainingInfo,
  tell: (message: string) => void,
): void {
  const { 'val-split': share, fold: trainedFold } = identity.settings;
  const isCut = valShare > 0 || fold !== undefined;
  if ((share === undefined && trainedFold === undefined) || isCut) return;
  if (typeof data !== 'string' || trained?.path !== absoluteSource(data)) return;
  const cut = share === undefined ? `fold ${trainedFold} (--fold)` : `valShare ${share} (--val-split)`;
  tell(`${shownSource(data)}: most of it was trained on: ${cut} evaluates on the part that was not`);
}

/** No step is taken: these only fill the contract. */
export const evaluationSettings: TrainingSettings = {
  optimizer: 'sgd',
  momentum: 0,
  weightDecay: 0,
  rmspropAlpha: 0.9,
  rmspropEpsilon: 0.01,
  labelSmoothing: 0,
};
