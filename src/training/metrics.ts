import type { MetricsRecord } from '../workspace/metrics-reader.ts';
import type { Evaluation } from './evaluate-stream.ts';
import type { EpochReport, TrainStepReport } from './step-report.ts';

/*
 * Metrics under the names of NVIDIA's scripts (recipe: times in seconds, ips: images per second), and a few of ours. A line
 * with `step` is of that step, one with `epoch` alone of the epoch. Mixed precision has train.grad_scale, NVIDIA's name of the
 * loss scale, too.
 */

export const stepMetrics = (report: TrainStepReport): MetricsRecord => ({
  step: report.step,
  epoch: report.epoch,
  ...trainMetrics(report),
});

export const epochMetrics = (report: EpochReport): MetricsRecord => ({
  epoch: report.epoch,
  ...trainMetrics(report),
  ...(report.streamDigest !== undefined && { 'stream.digest': report.streamDigest }),
});

function trainMetrics(report: TrainStepReport | EpochReport): MetricsRecord {
  return {
    'train.loss': report.loss,
    'train.lr': report.learningRate,
    'train.total_ips': report.imagesPerSecond,
    'train.compute_ips': report.computeImagesPerSecond,
    'train.data_time': report.dataSeconds,
    'train.compute_time': report.computeSeconds,
    'train.waiting_share': report.waitingShare,
    ...(report.lossScale && {
      'train.grad_scale': report.lossScale.scale,
      'train.skipped_updates': report.lossScale.skipped,
    }),
  };
}

/** @param name what was evaluated: the weights, or their moving average */
export function evaluationMetrics(
  epoch: number,
  { top1, top5, mAP, loss, images, speed }: Evaluation,
  name: 'val' | 'val_ema' = 'val',
): MetricsRecord {
  const metrics = {
    ...(mAP === undefined ? { top1, top5 } : { mAP }),
    loss,
    images,
    total_ips: speed.imagesPerSecond,
    compute_ips: speed.computeImagesPerSecond,
    data_time: speed.dataSeconds,
    compute_latency: speed.computeSeconds,
    compute_latency_at95: quantile(speed.latencies, 0.95),
    compute_latency_at99: quantile(speed.latencies, 0.99),
    compute_latency_at100: quantile(speed.latencies, 1),
  };
  const named = Object.entries(metrics).map(([key, value]) => [`${name}.${key}`, value]);
  return { epoch, ...Object.fromEntries(named) };
}

/** The value nearest to this share of the way, of values in ascending order. */
const quantile = (values: readonly number[], share: number): number | undefined =>
  values[Math.round(share * (values.length - 1))];
