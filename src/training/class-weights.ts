import { DataError, ParameterError, reasonOf, TrainerError } from '../core/errors.ts';
import { readText } from '../core/read-text.ts';
import type { Trainer, TrainingSettings } from '../core/trainer.ts';
import { classCounts } from '../datasets/class-counts.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { areByName, checkWeight } from '../engine/order/samplers/weights.ts';
import { type SamplingChoice, samplerOf } from '../streams/sampler-choice.ts';

/** Weights of the classes in the loss: `balanced`, in inverse proportion to their images, or by name; a class not named has 1. */
export type ClassWeights = 'balanced' | Readonly<Record<string, number>>;

const option = 'classWeights (--class-weights)';

/** Throws where these cannot be weights of classes, whatever the classes are. */
export function checkClassWeights(weights: unknown): asserts weights is ClassWeights {
  if (weights === 'balanced') return;
  if (!areByName(weights)) throw invalid("must be 'balanced', or weights by class such as { cat: 2 }");
  for (const [name, weight] of Object.entries(weights)) checkWeight(option, name, weight);
}

/** What the flag or a record says: `balanced`, weights, or the path of a JSON file with them, `{ "cat": 2, "dog": 0.5 }`. */
export function readClassWeights(value: string | ClassWeights): ClassWeights {
  if (typeof value !== 'string' || value === 'balanced') return value as ClassWeights;
  let weights: unknown;
  try {
    weights = JSON.parse(readText(value));
  } catch (cause) {
    const message = `${option}: ${value}: must be balanced or a JSON file of weights: ${reasonOf(cause)}`;
    throw new DataError('READ_FAILED', message, { cause });
  }
  checkClassWeights(weights);
  return weights;
}

/** The same weights are written down alike, in whichever order they were given. */
export const sortedClassWeights = (weights: ClassWeights | undefined): ClassWeights | undefined =>
  typeof weights === 'object'
    ? Object.fromEntries(Object.entries(weights).sort(([a], [b]) => (a < b ? -1 : 1)))
    : weights;

export interface WeighedTraining {
  readonly classWeights?: ClassWeights | undefined;
  readonly optimizer: TrainingSettings;
  readonly stream: SamplingChoice;
}

/**
 * The settings with a weight for each of the model's classes. Their mean over the images of the dataset is 1, so that the mean loss
 * over rows is on average what PyTorch gives, and does not depend on how rows are divided into parts.
 */
export function withClassWeights(
  { classWeights, optimizer, stream }: WeighedTraining,
  dataset: Dataset,
  classes: number,
): TrainingSettings {
  if (classWeights === undefined) return optimizer;
  if (optimizer.loss === 'bce') throw invalid('are for the loss cross-entropy, got bce (--loss)');
  const isTwice = classWeights === 'balanced' && samplerOf(stream)?.balancesClasses;
  if (isTwice) throw invalid('balanced and sampler (--sampler) both make classes count alike: leave one out');
  const { counts: known } = classCounts(dataset);
  // a model may have more outputs than its data have classes
  const counts = Float64Array.from({ length: classes }, (_, label) => known[label] ?? 0);
  const weights = classWeights === 'balanced' ? balanced(counts) : byName(classWeights, dataset, classes);
  return { ...optimizer, classWeights: weightsOfMeanOne(weights, counts, dataset.name) };
}

/** Throws where the trainer would leave the weights out. */
export function checkWeighing(
  { name, weighsClasses = false }: Trainer,
  { classWeights }: TrainingSettings,
): void {
  if (classWeights === undefined || weighsClasses) return;
  throw new TrainerError('UNSUPPORTED_OPTION', `${option}: the trainer ${name} has no weights of classes`);
}

/** scikit-learn's compute_class_weight of the classes that there are; 1 of those without images. */
function balanced(counts: Float64Array): number[] {
  const present = counts.filter((count) => count > 0).length;
  const images = counts.reduce((sum, count) => sum + count, 0);
  return Array.from(counts, (count) => (count > 0 ? images / (present * count) : 1));
}

function byName(
  weights: Readonly<Record<string, number>>,
  { name, classes }: Dataset,
  count: number,
): number[] {
  const unknown = Object.keys(weights).find((one) => !classes.includes(one));
  if (unknown !== undefined) {
    const message = `${name}: ${option} names the class '${unknown}', which it does not have`;
    throw new ParameterError('UNKNOWN_CLASS', message);
  }
  const weightOf = new Map(Object.entries(weights));
  return Array.from({ length: count }, (_, c) => weightOf.get(classes[c] ?? '') ?? 1);
}

function weightsOfMeanOne(weights: readonly number[], counts: Float64Array, name: string): number[] {
  const images = counts.reduce((sum, count) => sum + count, 0);
  const mean = weights.reduce((sum, weight, c) => sum + weight * (counts[c] as number), 0) / images;
  if (mean > 0 && Number.isFinite(mean)) return weights.map((weight) => weight / mean);
  const message = `${name}: ${option}: the weights of its images must have a sum above 0, and finite`;
  throw new ParameterError('INVALID_WEIGHT', message);
}

const invalid = (message: string): ParameterError =>
  new ParameterError('INVALID_OPTION', `train: ${option} ${message}`);
