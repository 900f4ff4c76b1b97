import {
  describeClass,
  describeKey,
  lineToReplay,
  type OutlierRecord,
  outlierRecords,
} from '../workspace/outlier-record.ts';
import type { EpochOutliers } from '../workspace/outliers.ts';

/**
 * The samples with the highest losses of an epoch, with the commands that replay them.
 *
 * @param metrics path of the run's metrics
 */
export const outlierLines = (epoch: EpochOutliers, classes: readonly string[], metrics: string): string[] => [
  headingOf(epoch),
  ...tableOf(outlierRecords(epoch, classes), metrics),
];

function headingOf({ epoch, images, notNumbers, outliers }: EpochOutliers): string {
  const notANumber = notNumbers > 0 ? `, ${notNumbers} of them not a number` : '';
  // as the lines of epochs do, which people count from 1
  return `epoch ${epoch + 1}, the ${outliers.length} highest losses of ${images} images${notANumber}:`;
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
    return ['', loss.padStart(widths[0] as number), ...padded, lineToReplay(metrics, record)].join('  ');
  });
}
