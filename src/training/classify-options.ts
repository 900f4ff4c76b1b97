import type { DataError } from '../core/errors.ts';
import {
  type Checks,
  callback,
  count,
  paths,
  signal as signalCheck,
  text,
} from '../streams/option-checks.ts';
import { trainerChecks } from '../trainers/trainer-checks.ts';
import type { TrainerChoice } from '../trainers/trainer-for.ts';
import { type WeightsChoice, weightsChecks } from './weights-choice.ts';

/** Which images are classified, and by what. */
export interface ClassifyOptions extends Omit<TrainerChoice, 'precision'>, WeightsChoice {
  /** Files (JPEG, PNG, WebP and so on), folders, whose images are taken, and patterns such as `photos/*.jpg`. */
  readonly images: readonly string[];
  /**
   * A checkpoint of millrace, a workspace with one, or weights that others saved (docs/checkpoints.md). Or an ONNX file of
   * `exportOnnx`, which onnxruntime-web runs as it is.
   */
  readonly weights: string;
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
  ...weightsChecks,
  guesses: count,
  trainer: trainerChecks.trainer,
  trainerBackend: trainerChecks.trainerBackend,
  device: trainerChecks.device,
  threads: trainerChecks.threads,
  signal: signalCheck,
  onMessage: callback,
  onBadImage: callback,
};
