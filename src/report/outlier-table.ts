import { element, type Markup, tableHead } from '../html/markup.ts';
import { describeClass, describeKey, lineToReplay, type OutlierRecord } from '../workspace/outlier-record.ts';
import type { RunOutliers } from './run-record.ts';

/** More rows than these are left to the metrics. */
const MOST_ROWS = 20;

/**
 * The samples of highest loss of an epoch, each with the command that replays it.
 *
 * @param metrics path of the run's metrics
 */
export function outlierTable({ images, samples }: RunOutliers, metrics: string): Markup {
  const header = ['loss', 'sample', 'class', 'shows what the model saw'];
  const shown = samples.slice(0, MOST_ROWS);
  const caption = `The ${shown.length} highest of ${images} images, each as the weights stood at its step.`;
  return element(
    'div',
    { class: 'wide' },
    element(
      'table',
      { class: 'outliers' },
      element('caption', {}, caption),
      tableHead(header),
      element(
        'tbody',
        {},
        shown.map((sample) => rowOf(sample, metrics)),
      ),
    ),
  );
}

const rowOf = (sample: OutlierRecord, metrics: string): Markup =>
  element(
    'tr',
    {},
    element('td', { class: 'number' }, sample.loss?.toFixed(4) ?? 'not finite'),
    element('td', {}, describeKey(sample)),
    element('td', {}, describeClass(sample)),
    element('td', {}, element('code', {}, lineToReplay(metrics, sample))),
  );
