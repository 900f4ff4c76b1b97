import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { CalibrationOptions } from '../quantization/quantization.ts';
import type { ReadingOptions } from '../streams/open-data.ts';
import {
  type Checks,
  callback,
  dataset,
  group,
  orFalse,
  paths,
  share,
  signal,
  text,
  truth,
} from '../streams/option-checks.ts';
import { sourceChecks, streamChecks } from '../streams/stream-checks.ts';
import type { StreamOptions } from '../streams/stream-options.ts';
import { trainerChecks } from '../trainers/trainer-checks.ts';
import type { TrainerChoice } from '../trainers/trainer-for.ts';
import { calibrationChecks } from './quantization-options.ts';
import type { EvaluationOptions } from './train-options.ts';
import { type WeightsChoice, weightsChecks } from './weights-choice.ts';

/** Which weights are quantised, by which images, and where they are written. */
export interface QuantizeOptions extends Omit<TrainerChoice, 'precision'>, ReadingOptions, WeightsChoice {
  /** A checkpoint of millrace, a workspace with one, or weights that others saved (docs/checkpoints.md). */
  readonly checkpoint: string;
  /** Training data that ranges are chosen by: a dataset, or the path of one, whose train split is taken where it is divided. */
  readonly data: string | Dataset;
  /** The checkpoint that is written. */
  readonly out: string;
  /** Where values are rounded, and how ranges are chosen. */
  readonly quantization?: Partial<CalibrationOptions> | undefined;
  /** Quantises the moving average of the weights that the training kept. Default false. */
  readonly average?: boolean;
  readonly stream?: StreamOptions;
  /** Keeps this share of each class to evaluate on, as a training with it did. Default 0. */
  readonly valShare?: number | undefined;
  /** What the weights are evaluated on, as they were and in int8; false: nothing. Default: the val split of `data`. */
  readonly evaluation?: Pick<EvaluationOptions, 'data'> | false;
  readonly signal?: AbortSignal | undefined;
  /** Hears what people should know. */
  readonly onMessage?: (message: string) => void;
  /** Hears how many batches, of how many, have been looked at. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Hears which GPU computes, with the gpu backend. */
  readonly onGpu?: (adapter: AdapterDescription) => void;
}

export const quantizeChecks: Checks<QuantizeOptions> = {
  checkpoint: text,
  data: dataset,
  out: text,
  quantization: group(calibrationChecks),
  ...weightsChecks,
  average: truth,
  stream: group(streamChecks),
  valShare: share,
  evaluation: orFalse(group({ data: dataset })),
  exclude: paths,
  ...sourceChecks,
  trainer: trainerChecks.trainer,
  trainerBackend: trainerChecks.trainerBackend,
  device: trainerChecks.device,
  threads: trainerChecks.threads,
  signal,
  onMessage: callback,
  onProgress: callback,
  onGpu: callback,
};
