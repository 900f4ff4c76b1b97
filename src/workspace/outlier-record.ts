import { namesOf, type RowLabels } from '../core/multi-labels.ts';
import { quoted } from '../core/shell.ts';
import type { MetricsRecord } from './metrics-reader.ts';
import type { EpochOutliers, Outlier } from './outliers.ts';

/** An outlier as it stands in metrics: with the names of its classes, a loss that is no finite number as null. */
export interface OutlierRecord extends Omit<Outlier, 'loss' | 'mixed'> {
  readonly loss: number | null;
  readonly class: string;
  readonly mixed?: NonNullable<Outlier['mixed']> & { readonly class: string };
}

export function outlierRecords({ outliers }: EpochOutliers, classes: readonly string[]): OutlierRecord[] {
  const nameOf = ({ label, labels }: RowLabels): string =>
    labels === undefined ? (classes[label] ?? String(label)) : namesOf(classes, { label, labels });
  return outliers.map(({ mixed, ...outlier }) => ({
    ...outlier,
    class: nameOf(outlier),
    ...(mixed && { mixed: { ...mixed, class: nameOf(mixed) } }),
  }));
}

export const outlierMetrics = (epochOutliers: EpochOutliers, classes: readonly string[]): MetricsRecord => ({
  epoch: epochOutliers.epoch,
  'outliers.images': epochOutliers.images,
  'outliers.nan': epochOutliers.notNumbers,
  outliers: outlierRecords(epochOutliers, classes),
});

/** The class; of a row that was mixed with another class both, by their weights. */
export function describeClass({ class: own, mixed }: OutlierRecord): string {
  if (mixed === undefined || mixed.class === own) return own;
  const { lambda, class: partner } = mixed;
  return `${lambda.toFixed(2)} ${own} + ${(1 - lambda).toFixed(2)} ${partner}`;
}

export const describeKey = ({ key, substitutes }: OutlierRecord): string =>
  substitutes === undefined ? key : `${key} (in place of ${substitutes})`;

/**
 * The command that shows what the model saw in that row, or in all rows of the step.
 *
 * @param metrics path of the run's metrics
 */
export const lineToReplay = (
  metrics: string,
  { step, row }: { readonly step: number; readonly row?: number | undefined },
): string =>
  `millrace replay --from ${quoted(metrics)} --step ${step}${row === undefined ? '' : ` --row ${row}`}`;
