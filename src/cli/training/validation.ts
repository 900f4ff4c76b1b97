import { TrainerError } from '../../core/errors.ts';
import type { Trainer } from '../../core/trainer.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { splitsOf } from '../../datasets/open-dataset.ts';
import { checkClasses } from '../../training/check-classes.ts';
import { evaluate } from '../../training/evaluate.ts';
import { evaluationMetrics } from '../../training/metrics.ts';
import type { MetricsLog } from '../../workspace/metrics-log.ts';
import { type RunFiles, writeConfusion } from '../../workspace/workspace.ts';
import { describeBadSamples, describeEvaluation } from '../figures.ts';
import type { ExcludeFlags } from '../flags/bad-data-flags.ts';
import { type DataFlags, evaluationPipeline } from '../flags/data-flags.ts';
import { openData } from '../flags/open-data.ts';
import type { TrainFlags } from '../flags/train-flags.ts';

/** Why training is not followed by an evaluation; undefined where it is. */
export function reasonNotToEvaluate(
  data: string,
  { dataBackend, trainingOnly = false }: TrainFlags,
): string | undefined {
  if (trainingOnly) return '--training-only';
  if (dataBackend === 'synthetic') return 'synthetic batches have no classes to tell apart';
  return splitsOf(data).includes('val') ? undefined : `${data} has no val split`;
}

/** The val split, opened before training: what is wrong with it is better known now than hours later. */
export function openValidation(
  data: string,
  classes: readonly string[],
  flags: ExcludeFlags,
  print: (line: string) => void,
): Dataset {
  const dataset = openData(data, { split: 'val' }, flags, print);
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

/** Top-1 on the val split after this epoch, written down with all else that the evaluation tells. */
export async function evaluateOn(
  { dataset, flags, trainer, log, files, signal }: Validation,
  epoch: number,
  print: (line: string) => void,
): Promise<number> {
  const stream = evaluationPipeline(dataset, flags, { signal });
  const result = await evaluate(stream, trainer);
  log.write(evaluationMetrics(epoch, result));
  const { confusion: cells } = result;
  if (cells !== undefined) writeConfusion(files, { epoch, classes: dataset.classes, cells });
  print(describeEvaluation(result));
  const bad = describeBadSamples(stream, flags.quarantine);
  if (bad !== undefined) print(`val: ${bad}`);
  return result.top1;
}

/** As `evaluateOn`, with the moving average of the weights. */
export async function evaluateAverageOn(
  { dataset, flags, trainer, log, signal }: Validation,
  epoch: number,
  print: (line: string) => void,
): Promise<void> {
  const average = { evaluateStep: averageStep(trainer) };
  const result = await evaluate(evaluationPipeline(dataset, flags, { signal }), average);
  log.write(evaluationMetrics(epoch, result, 'val_ema'));
  print(describeEvaluation(result, 'val_ema'));
}

/** How the trainer evaluates its moving average, where it can keep one. */
export function averageStep(trainer: Trainer): Trainer['evaluateStep'] {
  const step = trainer.evaluateAverageStep?.bind(trainer);
  if (step !== undefined) return step;
  throw new TrainerError(
    'NO_AVERAGE',
    `--use-ema: the trainer ${trainer.name} keeps no average of the weights`,
  );
}
