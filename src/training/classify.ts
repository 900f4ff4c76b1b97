import { readFileSync } from 'node:fs';
import { DataError, reasonOf, TrainerError } from '../core/errors.ts';
import type { Step } from '../core/step.ts';
import type { Trainer } from '../core/trainer.ts';
import { findImages } from '../datasets/folder/find-images.ts';
import { imageFiles } from '../datasets/folder/image-files.ts';
import { type Architecture, modelFor } from '../models/architecture.ts';
import { pipeline } from '../pipeline.ts';
import {
  anything,
  type Checks,
  callback,
  checkOptions,
  count,
  oneOf,
  paths,
  signal as signalCheck,
  text,
} from '../streams/option-checks.ts';
import { evaluationSteps, type Recipe } from '../streams/recipe.ts';
import { describeTrainer } from '../trainers/describe-trainer.ts';
import { trainerChecks } from '../trainers/trainer-checks.ts';
import { openTrainerFor, type TrainerChoice } from '../trainers/trainer-for.ts';
import { evaluationSettings } from './evaluate.ts';
import { loadFile } from './load-file.ts';
import { type OpenWeights, openWeights } from './open-weights.ts';
import { quantizationOf, rangesOf } from './quantized-checkpoint.ts';
import { checkpointPath } from './resumption.ts';
import { type Guess, topGuesses } from './top-guesses.ts';

/** Which images are classified, and by what. */
export interface ClassifyOptions extends Omit<TrainerChoice, 'precision'> {
  /** Files (JPEG, PNG, WebP and so on), folders, whose images are taken, and patterns such as `photos/*.jpg`. */
  readonly images: readonly string[];
  /** A checkpoint of millrace, a workspace with one, or weights saved by PyTorch (docs/checkpoints.md). */
  readonly weights: string;
  /** The model of weights that do not say theirs. */
  readonly model?: Architecture | undefined;
  /** Names of the classes, or the path of a file with one name per line. Default: the checkpoint's, or numbers. */
  readonly classes?: readonly string[] | string | undefined;
  /** Edge of the centre crop in pixels. Default: the checkpoint's, or the model's. */
  readonly imageSize?: number | undefined;
  /** How images are resized. Default: the checkpoint's, or 'bilinear'. */
  readonly interpolation?: Recipe['interpolation'] | undefined;
  /** How many guesses per image. Default 5. */
  readonly guesses?: number;
  readonly signal?: AbortSignal | undefined;
  /** Hears which model computes, and how images are made for it. */
  readonly onMessage?: (message: string) => void;
  /** Hears of an image that cannot be used, which is then passed over. Left out: the first such image is thrown. */
  readonly onBadImage?: (error: DataError) => void;
}

export interface Classification {
  /** The file's path. */
  readonly image: string;
  /** The most probable classes, best first. */
  readonly guesses: readonly Guess[];
}

const checks: Checks<ClassifyOptions> = {
  images: paths,
  weights: text,
  model: text,
  classes: anything,
  imageSize: count,
  interpolation: oneOf('bilinear', 'bicubic'),
  guesses: count,
  trainer: trainerChecks.trainer,
  trainerBackend: trainerChecks.trainerBackend,
  device: trainerChecks.device,
  threads: trainerChecks.threads,
  signal: signalCheck,
  onMessage: callback,
  onBadImage: callback,
};

/** The most probable classes of each image, one after the other, in the order of `images`. */
export async function* classify(options: ClassifyOptions): AsyncGenerator<Classification, void, undefined> {
  checkOptions('classify', options, checks, ['images', 'weights']);
  const images = findImages(options.images);
  const opened = await openWeights(checkpointPath(options.weights), options.model, modelFor);
  const names = namesOf(options, opened);
  const { imageSize = opened.imageSize, interpolation = opened.interpolation, onMessage } = options;
  const size = `${imageSize} x ${imageSize} pixels`;
  onMessage?.(`${opened.model.name}: ${names.length} classes, ${size}, ${interpolation}`);
  const steps = evaluationSteps({ imageSize, interpolation });
  const trainer = await openPrepared(options, opened);
  try {
    for (let start = 0; start < images.length; start += PART) {
      const part = images.slice(start, start + PART);
      yield* classifyPart(part, steps, { trainer, names }, options);
    }
  } finally {
    await trainer.close();
  }
}

/** Images of one stream: so many are read again at most where one of them cannot be used. */
const PART = 64;

interface Classifier {
  readonly trainer: Predictor;
  /** Of its classes. */
  readonly names: readonly string[];
}

/** An image that cannot be used ends its stream: one without it goes on. */
async function* classifyPart(
  images: readonly string[],
  steps: readonly Step[],
  classifier: Classifier,
  options: ClassifyOptions,
): AsyncGenerator<Classification, void, undefined> {
  let left = images;
  while (left.length > 0) {
    try {
      for await (const found of classifyAll(left, steps, classifier, options)) {
        left = left.slice(1);
        yield found;
      }
    } catch (error) {
      const { onBadImage } = options;
      const isOfImage = error instanceof DataError && left.includes(error.sample ?? '');
      if (!isOfImage || onBadImage === undefined) throw error;
      onBadImage(error);
      left = left.filter((image) => image !== error.sample);
    }
  }
}

async function* classifyAll(
  images: readonly string[],
  steps: readonly Step[],
  { trainer, names }: Classifier,
  { guesses: most = 5, signal }: ClassifyOptions,
): AsyncGenerator<Classification, void, undefined> {
  const stream = pipeline(imageFiles(images), { ...pipelineOptions, ...(signal && { signal }) });
  for await (const batch of stream.pipe(...steps)) {
    const logits = await trainer.predict(batch);
    for (const [row, image] of batch.keys.entries()) {
      const own = logits.subarray(row * names.length, (row + 1) * names.length);
      yield { image, guesses: topGuesses(own, names, most) };
    }
  }
}

// few images, for a model that takes longer than reading them does: no threads
const pipelineOptions = { batchSize: 8, workers: 0, shuffle: false } as const;

type Predictor = Trainer & Required<Pick<Trainer, 'predict'>>;

/** The trainer, prepared with these weights, if it is one that predicts. */
async function openPrepared(options: ClassifyOptions, opened: OpenWeights): Promise<Predictor> {
  const { onMessage: tell = () => {} } = options;
  const path = checkpointPath(options.weights);
  const trainer = await openTrainerFor(options, { tell });
  try {
    if (!predicts(trainer))
      throw new TrainerError('CANNOT_PREDICT', `${trainer.name}: this trainer has no predict()`);
    await trainer.prepare(opened.model, {
      ...{ precision: 'float32', seed: 0, settings: evaluationSettings },
      ...quantizationOf(path, opened, trainer),
    });
    const computing = describeTrainer('float32', trainer.environment);
    if (computing !== undefined) tell(computing);
    const { weights } = opened;
    await loadFile(path, { weights, optimizer: {}, ...rangesOf(path, opened, opened) }, trainer);
    return trainer;
  } catch (error) {
    await trainer.close();
    throw error;
  }
}

const predicts = (trainer: Trainer): trainer is Predictor => trainer.predict !== undefined;

/** One name per class. */
function namesOf({ classes }: ClassifyOptions, opened: OpenWeights): readonly string[] {
  if (classes === undefined) return opened.classes;
  const names = typeof classes === 'string' ? readNames(classes) : classes;
  const { classes: expected } = opened.model;
  if (names.length === expected) return names;
  const where = typeof classes === 'string' ? classes : 'classes';
  const message = `${where}: expected ${expected} names of classes, one per line, got ${names.length}`;
  throw new DataError('OTHER_CLASSES', message);
}

function readNames(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  } catch (cause) {
    throw new DataError('READ_FAILED', `${path}: cannot be read: ${reasonOf(cause)}`, { cause });
  }
}
