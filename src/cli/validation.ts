import type { Trainer } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { openDataset, splitsOf } from '../datasets/open-dataset.ts';
import { type RunFiles, writeConfusion } from '../report/run-files.ts';
import { evaluate } from '../training/evaluate.ts';
import { evaluationMetrics } from '../training/metrics.ts';
import type { MetricsLog } from '../training/metrics-log.ts';
import type { CommandContext } from './command.ts';
import { checkClasses, type DataFlags, evaluationPipeline } from './data-flags.ts';
import { describeEvaluation } from './figures.ts';

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

/** Top-1 on the val split after this epoch, written down with all else that the evaluation tells. */
export async function evaluateOn(
  dataset: Dataset,
  epoch: number,
  flags: DataFlags,
  trainer: Trainer,
  log: MetricsLog,
  files: RunFiles,
  { terminal, signal }: CommandContext,
): Promise<number> {
  const result = await evaluate(evaluationPipeline(dataset, flags, { signal }), trainer);
  log.write(evaluationMetrics(epoch, result));
  const { confusion: cells } = result;
  if (cells !== undefined) writeConfusion(files, { epoch, classes: dataset.classes, cells });
  terminal.log(describeEvaluation(result));
  return result.top1;
}
