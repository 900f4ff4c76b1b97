import type { Dataset } from '../../datasets/dataset.ts';
import type { RunStatistics } from '../../engine/run/statistics.ts';
import type { Pipeline } from '../../pipeline.ts';
import { epochMetrics, stepMetrics } from '../../training/metrics.ts';
import type { EpochReport, StepReport } from '../../training/step-report.ts';
import type { TrainSummary } from '../../training/train.ts';
import type { TrainingRun } from '../../training/training-run.ts';
import type { MetricsLog } from '../../workspace/metrics-log.ts';
import {
  describeBadSamples,
  describeDigests,
  describeLimit,
  describeMemory,
  digestsOf,
  percent,
} from '../figures.ts';
import type { TrainFlags } from '../flags/train-flags.ts';
import type { Progress, Terminal } from '../terminal.ts';

export function reportDataset(
  dataset: Dataset,
  { batchSize }: TrainFlags,
  workspace: string,
  terminal: Terminal,
): void {
  const { name, length, classes } = dataset;
  terminal.log(`${name}: ${length} images, ${classes.length} classes -> ${workspace}`);
  const leftOut = length % batchSize;
  if (leftOut / length < 0.05) return;
  const reason = `they do not fill a batch of ${batchSize} (choose another --batch-size)`;
  terminal.log(`${leftOut} of ${length} images are left out of each epoch, others each time: ${reason}`);
}

export function reportStep(report: StepReport, log: MetricsLog, progress: Progress): void {
  const { step, epoch, loss, learningRate, imagesPerSecond, waitingShare } = report;
  log.write(stepMetrics(report));
  const speed = `${imagesPerSecond.toFixed(0)} images/s`;
  const waiting = `waiting for data ${percent(waitingShare)}`;
  progress.update(
    step + 1,
    `epoch ${epoch} | loss ${loss.toFixed(4)} | lr ${learningRate.toPrecision(3)} | ${speed} | ${waiting}`,
  );
}

export function reportEpoch(report: EpochReport, log: MetricsLog, progress: Progress): void {
  const { epoch, limits } = report;
  log.write(epochMetrics(report));
  progress.log(`epoch ${epoch}, data: ${describeLimit(limits)}`);
}

/** How training ended. */
export async function reportEnd(
  { hasStoppedEarly, state }: TrainingRun,
  summary: TrainSummary | undefined,
  { flags, stream }: { readonly flags: TrainFlags; readonly stream: Pipeline },
  log: MetricsLog,
  terminal: Terminal,
): Promise<void> {
  const { best } = state;
  if (hasStoppedEarly && best)
    terminal.log(`stopped early: no epoch was better than ${best.epoch}, top-1 ${percent(best.top1)}`);
  else if (summary === undefined)
    terminal.log(`nothing is left to train: ${state.cursor.epoch} of ${flags.epochs} epochs are done`);
  if (summary === undefined) return;
  reportSummary(summary, stream.statistics, terminal);
  const bad = describeBadSamples(stream, flags.quarantine);
  if (bad !== undefined) terminal.log(`train: ${bad}`);
  if (!flags.digest) return;
  const digests = await digestsOf(stream);
  log.write({ ...digests });
  terminal.log(describeDigests(digests));
}

function reportSummary(
  summary: TrainSummary,
  statistics: RunStatistics | undefined,
  terminal: Terminal,
): void {
  const { steps, images, seconds, imagesPerSecond, waitingShare } = summary;
  const speed = `${imagesPerSecond.toFixed(0)} images/s`;
  const waiting = `waiting for data ${percent(waitingShare)} of the time`;
  terminal.log(`trained ${steps} steps, ${images} images in ${seconds.toFixed(1)} s: ${speed}, ${waiting}`);
  terminal.log(describeMemory(summary.memoryGrowth, statistics?.memoryBound));
}
