import { ParameterError } from '../core/errors.ts';
import type { Trainer } from '../core/trainer.ts';
import { type ModelChoice, modelOptionsOf } from '../models/architecture.ts';
import type { EfficientNetOptions } from '../models/efficientnet.ts';
import { unknownWeights } from '../trainers/foreign/families.ts';
import { readWeightsFile } from '../trainers/weights-file.ts';
import { over } from './complete-options.ts';
import { fitHead } from './fit-head.ts';
import { loadFile } from './load-file.ts';
import { knownWeights } from './open-weights.ts';
import { otherPrecision } from './other-precision.ts';
import { preset } from './presets.ts';
import { rangesOf } from './quantized-checkpoint.ts';
import { checkpointPath } from './resumption.ts';
import type { Options } from './setting.ts';
import type { TrainingSetup } from './setup.ts';
import { slowStatistics } from './slow-statistics.ts';

type Tell = (message: string) => void;

/**
 * The options with what the pretrained file says of its model, where they do not: what its batch norm and its padding are,
 * and, if they name no variant, which one it is. `tell` hears what was assumed.
 */
export async function withPretrainedModel<Given extends Options>(options: Given, tell: Tell): Promise<Given> {
  const { pretrained, resume } = options;
  // a resumed training has a record of its model
  if (pretrained === undefined || resume !== undefined) return options;
  const path = checkpointPath(pretrained);
  const base = options.model ?? (options.preset && preset(options.preset, options.precision).model);
  const given = givenOf(base);
  const opened = knownWeights(path, await readWeightsFile(path), given);
  for (const line of opened?.said ?? []) tell(line);
  if (opened === undefined || isBuilt(base)) return options;
  return { ...options, model: over(factsOf(opened.model.options, given), given) };
}

const isBuilt = (choice: ModelChoice | undefined): boolean =>
  typeof choice === 'object' && 'blocks' in choice;

/** What is said of a model; one that is built has said all. */
function givenOf(choice: ModelChoice | undefined): EfficientNetOptions {
  if (choice === undefined) return {};
  if (typeof choice !== 'object' || !('blocks' in choice)) return modelOptionsOf(choice);
  return { ...choice.options, batchNormEpsilon: choice.batchNorm.epsilon, padding: choice.padding };
}

/** Of a file's model, what the weights were trained with; and what shape it has, unless a variant is asked for. */
function factsOf(options: EfficientNetOptions, given: EfficientNetOptions): EfficientNetOptions {
  const { variant, width, depth, stemStride, wideSqueeze, batchNormEpsilon, padding } = options;
  const isNamed = given.variant !== undefined;
  const shape = isNamed ? {} : { variant, width, depth, stemStride, wideSqueeze };
  return over(over({}, shape), { batchNormEpsilon, padding }) as EfficientNetOptions;
}

/** Loads the weights that a training starts from, with a classifier for its classes. */
export async function loadPretrained(setup: TrainingSetup, pretrained: string, tell: Tell): Promise<void> {
  const { trainer, options, model, dataset } = setup;
  const path = checkpointPath(pretrained);
  const file = await readWeightsFile(path);
  const opened = knownWeights(path, file, model);
  if (opened === undefined) {
    if (!(await hasNames(trainer, Object.keys(file.weights)))) throw unknownWeights(path, file.weights);
    return loadFile(path, { weights: file.weights, optimizer: {} }, trainer);
  }
  const converted = otherPrecision(path, opened.training, options.precision);
  if (converted !== undefined) tell(converted);
  const { classes } = dataset;
  const weights = fitHead(path, opened, { model, classes, seed: options.stream.seed }, tell);
  // weights that keep their classes have the statistics of these images already
  if (weights !== opened.weights || opened.isNumbered) tellOfStatistics(setup, tell);
  const isCalibrated = options.quantization?.skipCalibration === true;
  if (isCalibrated && weights !== opened.weights) throw ofOtherClassifier(path);
  const ranges = isCalibrated ? rangesOf(path, opened, opened) : {};
  await loadFile(path, { weights, optimizer: {}, ...ranges }, trainer);
}

/** A fresh classifier's weights would be cut to the ranges of the one that it replaces. */
function ofOtherClassifier(path: string): ParameterError {
  const reason = 'its ranges are those of its own classifier';
  const advice = 'leave out skipCalibration (--skip-calibration)';
  return new ParameterError('OTHER_QUANTIZATION', `${path}: ${reason}: ${advice}`);
}

function tellOfStatistics({ options, model, stream }: TrainingSetup, tell: Tell): void {
  const { optimizer, schedule, quantization } = options;
  // a frozen layer takes the statistics that it has, in training too
  if (optimizer.frozen !== undefined) return;
  // in the last epochs of a quantised training they stay as they are
  const epochs = Math.max(0, schedule.epochs - (quantization?.fixedEpochs ?? 0));
  const line = slowStatistics(model.batchNorm.momentum, epochs * (stream.batchesPerEpoch ?? 0));
  if (line !== undefined) tell(line);
}

/** Whether these are names of a trainer's own model. */
async function hasNames(trainer: Trainer, names: readonly string[]): Promise<boolean> {
  const { weights } = await trainer.state();
  return names.length > 0 && names.every((name) => Object.hasOwn(weights, name));
}
