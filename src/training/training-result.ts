import type { MemoryBound } from '../engine/run/statistics.ts';
import type { Pipeline } from '../pipeline.ts';
import type { BadSamples } from './bad-samples.ts';
import type { StepsSummary } from './make-steps.ts';
import type { Best } from './run-state.ts';

/** How a training ended. */
export interface TrainingResult {
  readonly workspace: string;
  /** Path of the last checkpoint; undefined where none is written. */
  readonly checkpoint: string | undefined;
  /** Share of val images whose class is the best guess, by the latest evaluation; undefined without one. */
  readonly top1: number | undefined;
  /** Mean average precision by the latest evaluation, of images that may have several classes; else undefined. */
  readonly mAP: number | undefined;
  /** The evaluation with the highest mAP or top-1 so far, in earlier runs of the training too. */
  readonly best: Best | undefined;
  /** Whether it ended because evaluations were no longer better. */
  readonly hasStoppedEarly: boolean;
  /** Epochs of the training that have ended, and how many it is to have. */
  readonly epochs: { readonly done: number; readonly planned: number };
  /** The steps of this run; undefined where nothing was left to train. */
  readonly summary: StepsSummary | undefined;
  readonly badSamples: BadSamples;
  /** What the engine holds in memory at most. */
  readonly memoryBound: MemoryBound | undefined;
  /** What names the stream, with `stream.digest`. */
  readonly digests: StreamDigests | undefined;
}

/** Digests of a stream's last epoch, its dataset and its pipeline, and of what was trained on it. */
export interface StreamDigests {
  readonly stream: string | undefined;
  readonly dataset: string;
  readonly pipeline: string;
  /** Of weights, running statistics, average and optimizer, as the last step left them; undefined where there are none. */
  readonly weights?: string | undefined;
}

/** @param known digests of a stream that many ranks share, and of what it made */
export async function digestsOf(
  stream: Pipeline,
  known: Partial<StreamDigests> = {},
): Promise<StreamDigests> {
  const { dataset, pipeline } = await stream.identity();
  return { stream: stream.statistics?.digest, dataset, pipeline, ...known };
}
