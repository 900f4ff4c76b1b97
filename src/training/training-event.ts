import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import type { Substitution } from '../core/batch.ts';
import type { Precision } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { EfficientNet } from '../models/efficientnet.ts';
import type { Quantization } from '../quantization/quantization.ts';
import type { EpochOutliers } from '../workspace/outliers.ts';
import type { RunFiles } from '../workspace/workspace.ts';
import type { BadSamples } from './bad-samples.ts';
import type { Evaluation } from './evaluate-stream.ts';
import type { EpochReport, TrainStepReport } from './step-report.ts';
import type { TrainingResult } from './training-result.ts';

/** What a training tells, in the order in which it happens. */
export type TrainingEvent =
  | TrainingStart
  | ({ readonly type: 'step' } & TrainStepReport)
  | ({ readonly type: 'epoch' } & EpochReport)
  | ValidationEvent
  | CheckpointEvent
  | ({ readonly type: 'outliers' } & EpochOutliers)
  | { readonly type: 'substitution'; readonly substitution: Substitution }
  /** So many shaders are compiled, of so many: at the first step, which waits for them. */
  | { readonly type: 'compile'; readonly done: number; readonly total: number }
  /** So many batches, of so many, have been looked at to choose ranges; of a quantised training, before it starts. */
  | { readonly type: 'calibration'; readonly done: number; readonly total: number }
  /** What people should know, and what stops nothing. */
  | { readonly type: 'warning'; readonly message: string }
  /** The report was written for the last time. */
  | { readonly type: 'report'; readonly path: string }
  | ({ readonly type: 'end' } & TrainingResult);

/** Everything is open and checked; the first step follows. */
export interface TrainingStart {
  readonly type: 'start';
  readonly dataset: Dataset;
  readonly model: EfficientNet;
  readonly workspace: string;
  readonly files: RunFiles;
  /** File that bad samples are added to; undefined where the first one ends training. */
  readonly quarantine: string | undefined;
  /** Rows of a step, of all parts and ranks. */
  readonly batchSize: number;
  /** Parts that a step is the sum of, and ranks that compute them. */
  readonly parts: number;
  readonly ranks: number;
  /** The first step of this run, and how many the training will have made at its end. */
  readonly firstStep: number;
  readonly steps: number;
  /** Epochs of the whole training, and how many batches each has. */
  readonly epochs: number;
  readonly batchesPerEpoch: number;
  /** Where a sampler says how many. */
  readonly samplesPerEpoch?: number | undefined;
  /** Where in its epoch this run begins. */
  readonly firstBatch: number;
  readonly precision: Precision;
  /** How the model is quantised; undefined where it is not. */
  readonly quantization: Quantization | undefined;
  /** What of the machine the trainer's bits depend on, where it says so: adapter, driver and so on. */
  readonly environment: Readonly<Record<string, string>> | undefined;
  /** The GPU that makes the batches. */
  readonly gpu: AdapterDescription | undefined;
  /** Why nothing is evaluated; undefined where it is. */
  readonly notEvaluated: string | undefined;
}

/** Accuracy after an epoch. */
export interface ValidationEvent extends Evaluation {
  readonly type: 'evaluation';
  readonly epoch: number;
  /** 'val': the weights; 'val_ema': their moving average. */
  readonly name: 'val' | 'val_ema';
  readonly badSamples: BadSamples;
}

export interface CheckpointEvent {
  readonly type: 'checkpoint';
  /** The last checkpoint's path, whichever others were written with it. */
  readonly path: string;
  /** Steps made so far. */
  readonly step: number;
  /** The epoch that has just ended; undefined within an epoch. */
  readonly epoch: number | undefined;
  readonly isBest: boolean;
}
