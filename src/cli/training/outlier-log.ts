import type { Batch } from '../../core/batch.ts';
import { ParameterError, TrainerError } from '../../core/errors.ts';
import type { Trainer } from '../../core/trainer.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import type { MetricsLog } from '../../workspace/metrics-log.ts';
import {
  describeClass,
  describeKey,
  type OutlierRecord,
  outlierMetrics,
  outlierRecords,
  replayCommand,
} from '../../workspace/outlier-record.ts';
import { type EpochOutliers, Outliers } from '../../workspace/outliers.ts';
import type { RunFiles } from '../../workspace/workspace.ts';
import type { TrainFlags } from '../flags/train-flags.ts';

/** Refuses `--log-outliers` where there are no losses, or no samples, to be told apart. */
export function checkOutliers(
  { name, givesLosses = false }: Trainer,
  { logOutliers, dataBackend }: TrainFlags,
): void {
  if (logOutliers === undefined) return;
  if (dataBackend === 'synthetic') {
    const message = '--log-outliers: synthetic batches have no samples to tell apart';
    throw new ParameterError('INVALID_OPTION', message);
  }
  if (givesLosses) return;
  throw new TrainerError('NO_LOSSES', `--log-outliers: the trainer ${name} gives no loss of single rows`);
}

/** What an outlier log needs of a training. */
interface Listing {
  readonly dataset: Pick<Dataset, 'classes'>;
  readonly files: Pick<RunFiles, 'metrics'>;
}

/** Lists the samples with the highest losses of each epoch, with the commands that replay them. */
export class OutlierLog {
  readonly #listing: Listing;
  readonly #log: MetricsLog;
  readonly #outliers: Outliers;

  /** @param most how many an epoch */
  constructor(listing: Listing, log: MetricsLog, most: number) {
    this.#listing = listing;
    this.#log = log;
    this.#outliers = new Outliers(most);
  }

  add(batch: Batch, step: number, losses: Float32Array): void {
    this.#outliers.add(batch, step, losses);
  }

  /** Tells of the epoch that ends, or of as much of it as there was. */
  end(print: (line: string) => void): void {
    const epoch = this.#outliers.lap();
    if (epoch === undefined) return;
    const { dataset, files } = this.#listing;
    this.#log.write(outlierMetrics(epoch, dataset.classes));
    print(describeEpoch(epoch));
    for (const line of tableOf(outlierRecords(epoch, dataset.classes), files.metrics)) print(line);
  }
}

function describeEpoch({ epoch, images, notNumbers, outliers }: EpochOutliers): string {
  const notANumber = notNumbers > 0 ? `, ${notNumbers} of them not a number` : '';
  return `epoch ${epoch}, the ${outliers.length} highest losses of ${images} images${notANumber}:`;
}

/** Loss, key, class and command, in columns. */
function tableOf(records: readonly OutlierRecord[], metrics: string): string[] {
  const cells = records.map((record) => [
    (record.loss ?? Number.NaN).toFixed(4),
    describeKey(record),
    describeClass(record),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return records.map((record, i) => {
    const [loss = '', ...texts] = cells[i] as string[];
    const padded = texts.map((text, column) => text.padEnd(widths[column + 1] as number));
    return ['', loss.padStart(widths[0] as number), ...padded, replayCommand(metrics, record)].join('  ');
  });
}
