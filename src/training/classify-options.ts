import type { DataError } from '../core/errors.ts';
import type { Architecture } from '../models/architecture.ts';
import {
  anything,
  type Checks,
  callback,
  count,
  oneOf,
  paths,
  signal as signalCheck,
  text,
} from '../streams/option-checks.ts';
import type { Recipe } from '../streams/recipe.ts';
import { trainerChecks } from '../trainers/trainer-checks.ts';
import type { TrainerChoice } from '../trainers/trainer-for.ts';

/** Which images are classified, and by what. */
export interface ClassifyOptions extends Omit<TrainerChoice, 'precision'> {
  /** Files (JPEG, PNG, WebP and so on), folders, whose images are taken, and patterns such as `photos/*.jpg`. */
  readonly images: readonly string[];
  /**
   * A checkpoint of millrace, a workspace with one, or weights saved by PyTorch (docs/checkpoints.md). Or an ONNX file of
   * `exportOnnx`, which onnxruntime-web runs as it is.
   */
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

export const classifyChecks: Checks<ClassifyOptions> = {
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
