import { resolve } from 'node:path';
import type { Gpu } from '../../backends/gpu/device/device.ts';
import { DataError, ParameterError, TrainerError } from '../core/errors.ts';
import type { Step } from '../core/step.ts';
import type { Trainer } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { KnownAddresses } from '../datasets/opening/known-addresses.ts';
import { absoluteSource } from '../datasets/opening/source-path.ts';
import { resolveBackendName } from '../engine/plan/backend-name.ts';
import type { PipelineOptions } from '../engine/plan/options.ts';
import { modelFor, modelOptionsOf } from '../models/architecture.ts';
import type { EfficientNet } from '../models/efficientnet.ts';
import { frozenLayers } from '../models/frozen-layers.ts';
import { type Pipeline, pipeline } from '../pipeline.ts';
import type { Recipe } from '../streams/recipe.ts';
import { evenly, type StreamOptions, trainingStream } from '../streams/stream-options.ts';
import { trainingSteps } from '../streams/training-steps.ts';
import { openTrainerFor } from '../trainers/trainer-for.ts';
import { type RunFiles, runFiles } from '../workspace/workspace.ts';
import { accumulationOf } from './accumulation.ts';
import { quantizing } from './calibrate.ts';
import type { RunData } from './checkpoint-metadata.ts';
import { checkWeighing } from './class-weights.ts';
import type { CompleteOptions } from './complete-options.ts';
import { readingStream, sharedStream } from './machine-share.ts';
import { inParts } from './parts/parted-steps.ts';
import { checkLength, checkMixing, rowsOf } from './parts/step-rows.ts';
import type { Agreement } from './ranks/agreement.ts';
import { uncounted } from './ranks/bad-rows.ts';
import { checkIdentity, openResumption, type Resumption, trainingIdentity } from './resumption.ts';
import type { RunIdentity } from './run-identity.ts';
import { beginning, type RunState, streamStart } from './run-state.ts';
import { chooseWorkspace, type RunWorkspace } from './run-workspace.ts';
import { settingsFor } from './settings-for.ts';
import { openTrainingData } from './training-data.ts';
import { averageStep, openValidation, type Validation } from './validation.ts';

/** What a training consists of, opened and checked before the first step. */
export interface TrainingSetup {
  /** With what only the data and the workspace decide filled in. */
  readonly options: CompleteOptions;
  readonly dataset: Dataset;
  readonly data: RunData;
  readonly validation: Validation;
  readonly model: EfficientNet;
  readonly images: Pick<Recipe, 'imageSize' | 'interpolation'>;
  /** Batches per update of the weights. */
  readonly batchesPerUpdate: number;
  readonly resumption: Resumption | undefined;
  readonly start: RunState;
  /** Of a resumed training; that of another is asked for when it is first saved. */
  readonly identity: RunIdentity | undefined;
  /** Epochs of the training that will have ended with this run. */
  readonly endEpoch: number;
  readonly stream: Pipeline;
  /** The first epoch of training, with digests, to choose ranges by; of a quantised training. */
  readonly calibrationStream: Pipeline | undefined;
  readonly trainer: Trainer;
  readonly workspace: string;
  /** Names of what another run left in the workspace, to be moved out of the way. */
  readonly earlier: readonly string[];
  readonly files: RunFiles;
}

/** @param warn hears what people should know of the options */
export async function openSetup(
  gpu: Gpu | undefined,
  given: CompleteOptions,
  agreement: Agreement,
  warn: (message: string) => void,
): Promise<TrainingSetup> {
  const { gpuAdapter } = sharedStream(given);
  const opening = { adapter: gpu?.adapter, gpuAdapter, cores: given.share?.cores, tell: warn };
  const trainer = await agreement.open(
    () => openTrainerFor(given, opening),
    (opened) => opened.close(),
  );
  try {
    // where to write is one rank's to decide
    const workspace = await agreement.fromFirst(async () => {
      given.signal?.throwIfAborted();
      return chooseWorkspace(given);
    });
    return await agreement.together(() => setUp(trainer, given, workspace, warn));
  } catch (error) {
    await trainer.close();
    throw error;
  }
}

async function setUp(
  trainer: Trainer,
  given: CompleteOptions,
  { folder: workspace, earlier }: RunWorkspace,
  warn: (message: string) => void,
): Promise<TrainingSetup> {
  const known = new KnownAddresses();
  const { dataset, valPart } = await openTrainingData(given, warn, known);
  checkLabels(dataset, given);
  const validation = await openValidation(given, dataset.classes, valPart, warn, known);
  const imageSize = given.steps === undefined ? given.recipe.imageSize : edgeOf(given.steps, dataset);
  const model = modelFor(given.model, dataset.classes.length, imageSize);
  // before anything is read or written
  frozenLayers(model, given.optimizer.frozen);
  const { resume } = given;
  const resumption = resume === undefined ? undefined : await openResumption(given, resume);
  const files = runFiles(workspace, given.metricsFile);
  const recipe = { ...given.recipe, imageSize: imageSize ?? model.resolution };
  const optimizer = settingsFor(given, dataset, model.classes);
  const options = { ...given, recipe, optimizer, stream: withQuarantine(given, files) };
  const rowsPerStep = rowsOf(options).step;
  const { batches: batchesPerUpdate, warning } = accumulationOf(options.rowsPerUpdate ?? -1, rowsPerStep);
  if (warning !== undefined) warn(warning);
  const start = resumption?.training.state ?? beginning;
  const endEpoch = lastEpoch(options, start);
  const steps = options.steps ?? trainingSteps(recipe);
  checkLength(dataset, options);
  checkMixing(steps, options);
  const reading = readingStream(options);
  const stream = streamOfRank(dataset, steps, reading, options, {
    epochs: endEpoch,
    start: streamStart(start.cursor),
  });
  const identity = resumption && (await trainingIdentity(dataset, stream, options));
  if (identity) checkIdentity(resumption, identity, options.force ?? false, warn);
  checkAbilities(trainer, options);
  const calibrationStream = options.quantization && firstEpoch(dataset, steps, reading, options);
  return {
    ...{ options, dataset, validation, model, batchesPerUpdate, resumption, start, identity, endEpoch },
    ...{
      stream,
      calibrationStream,
      trainer,
      workspace,
      earlier,
      files,
      images: recipe,
      data: describeData(dataset, options, stream),
    },
  };
}

/** This rank's rows of the training stream. */
function streamOfRank(
  dataset: Dataset,
  steps: readonly Step[],
  reading: StreamOptions,
  options: CompleteOptions,
  extent: Pick<PipelineOptions, 'epochs' | 'start'>,
): Pipeline {
  const { rank, size: worldSize } = options.ranks;
  const { signal } = options;
  // what is bad on any rank is counted and listed by all together
  const own = worldSize === 1 ? reading : uncounted(reading);
  const rows = { ...own, batchSize: rowsOf(options).rank };
  return trainingStream(dataset, steps, rows, { ...extent, rank, worldSize, dropLast: true, signal });
}

/** Bad images are listed when they are trained on. Every rank looks at the same whole batches, each as large as a part, of different images. */
function firstEpoch(
  dataset: Dataset,
  steps: readonly Step[],
  { quarantine: _, ...reading }: StreamOptions,
  { signal }: CompleteOptions,
): Pipeline {
  const alike = { ...evenly(reading), digest: true };
  return trainingStream(dataset, steps, alike, { epochs: 1, dropLast: true, signal });
}

/** Without labels only the model can say how many classes there are. */
function checkLabels({ name, classes }: Dataset, { model }: CompleteOptions): void {
  if (classes.length > 0 || modelOptionsOf(model).classes !== undefined) return;
  throw new DataError('NO_LABELS', `${name}: no image has a label, so there is nothing to learn`);
}

/** The edge of the images that these steps make. */
function edgeOf(steps: readonly Step[], dataset: Dataset): number {
  const size = pipeline(dataset).pipe(...steps).imageSize;
  if (size !== undefined && size.width === size.height) return size.width;
  const got = size === undefined ? 'nothing that fixes it' : `${size.width} x ${size.height}`;
  const expected = 'steps must make square images of one size, as randomResizedCrop(224) does';
  throw new ParameterError('UNKNOWN_SIZE', `train: ${expected}, got ${got}`);
}

/** Bad images are listed in the workspace, unless it is said where. */
function withQuarantine({ stream }: CompleteOptions, { quarantine }: RunFiles): CompleteOptions['stream'] {
  return stream.onError === 'substitute' ? { quarantine, ...stream } : stream;
}

function lastEpoch({ schedule, runEpochs }: CompleteOptions, start: RunState): number {
  if (runEpochs === undefined) return schedule.epochs;
  return Math.min(schedule.epochs, streamStart(start.cursor).epoch + runEpochs);
}

/** Refuses what the trainer, or a stream without samples, cannot give. */
function checkAbilities(
  trainer: Trainer,
  { optimizer, outliers, stream, quantization, parts }: CompleteOptions,
): void {
  if (parts > 1) inParts(trainer, parts);
  if (quantization !== undefined) quantizing(trainer);
  if (optimizer.emaDecay !== undefined) averageStep(trainer);
  checkWeighing(trainer, optimizer);
  if (outliers === undefined) return;
  if (resolveBackendName(stream.backend) === 'synthetic') {
    const message = 'outliers (--log-outliers): synthetic batches have no samples to tell apart';
    throw new ParameterError('INVALID_OPTION', message);
  }
  if (trainer.givesLosses) return;
  const message = `outliers (--log-outliers): the trainer ${trainer.name} gives no loss of single rows`;
  throw new TrainerError('NO_LOSSES', message);
}

/** Paths as they can be found from any folder; data given in code have none. */
function describeData(
  { name, length }: Dataset,
  { data, exclude, subset, stream: { sampler } }: CompleteOptions,
  { samplesPerEpoch }: Pipeline,
): RunData {
  const files = exclude?.map((file) => resolve(file));
  return {
    ...(typeof data === 'string' && { path: absoluteSource(data) }),
    split: 'train',
    ...(files && { exclude: files }),
    ...(subset !== undefined && { subset: resolve(subset) }),
    ...(sampler !== undefined && samplesPerEpoch !== undefined && { samplesPerEpoch }),
    ...{ name, length },
  };
}
