import type { Trainer } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { openDataset, splitsOf } from '../datasets/open-dataset.ts';
import { type RunFiles, writeConfusion } from '../report/run-files.ts';
import { evaluate } from '../training/evaluate.ts';
import { evaluationMetrics } from '../training/metrics.ts';
import type { MetricsLog } from '../training/metrics-log.ts';
import { checkClasses, type DataFlags, evaluationPipeline } from './data-flags.ts';
import { describeEvaluation } from './figures.ts';
import type { TrainFlags } from './train-flags.ts';

/** Why a run has nothing to be evaluated on; undefined where it has. */
export function reasonNotToEvaluate(data: string, { dataBackend }: DataFlags): string | undefined {
  if (dataBackend === 'synthetic') return 'synthetic batches have no classes to tell apart';
  return splitsOf(data).includes('val') ? undefined : `${data} has no val split`;
}

/** The val split, opened before training: what is wrong with it is better known now than hours later. */
export function openValidation(data: string, classes: readonly string[]): Dataset {
  const dataset = openDataset(data, { split: 'val' });
  checkClasses(dataset, classes);
  return dataset;
}

/** What evaluations of a training have in common. */
export interface Validation {
  readonly dataset: Dataset;
  readonly flags: DataFlags;
  readonly trainer: Trainer;
  readonly log: MetricsLog;
  readonly files: RunFiles;
  readonly signal: AbortSignal;
}

/** Top-1 on the val split after this epoch, told through `print`. */
export type Evaluator = (epoch: number, print: (line: string) => void) => Promise<number>;

/** Evaluates, and writes down all that the evaluation tells. */
export const evaluator =
  (validation: Validation): Evaluator =>
  (epoch, print) =>
    evaluateOn(validation, epoch, print);

/** Whether weights are evaluated between epochs here; those after the last epoch are, once they are saved. */
export const isEvaluatedAfter = (
  epoch: number,
  { trainer, epochs, evaluateEvery = 1 }: Pick<TrainFlags, 'trainer' | 'epochs' | 'evaluateEvery'>,
): boolean => trainer !== 'none' && epoch + 1 < epochs && (epoch + 1) % evaluateEvery === 0;

async function evaluateOn(
  { dataset, flags, trainer, log, files, signal }: Validation,
  epoch: number,
  print: (line: string) => void,
): Promise<number> {
  const result = await evaluate(evaluationPipeline(dataset, flags, { signal }), trainer);
  log.write(evaluationMetrics(epoch, result));
  const { confusion: cells } = result;
  if (cells !== undefined) writeConfusion(files, { epoch, classes: dataset.classes, cells });
  print(describeEvaluation(result));
  return result.top1;
}
