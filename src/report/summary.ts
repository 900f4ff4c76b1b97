import { formatPercent } from '../html/axis.ts';
import { element, type Markup } from '../html/markup.ts';
import { numberOf, type RunRecord } from './run-record.ts';

/** Where the run stands, in a sentence. */
export function describeProgress(run: RunRecord): string {
  const started = run.facts.get('run.started');
  const epochs = (run.facts.get('run.flags') as { epochs?: number } | undefined)?.epochs;
  const done = Number(run.epochs.latest?.['epoch'] ?? -1) + 1;
  return [
    ...(typeof started === 'string' ? [`Started ${started.slice(0, 16).replace('T', ' ')} UTC`] : []),
    `${run.steps} ${run.steps === 1 ? 'step' : 'steps'}`,
    epochs === undefined ? `${done} epochs` : `${done} of ${epochs} epochs`,
    ...(run.totals.seconds > 0 ? [`${describeSeconds(run.totals.seconds)} of training`] : []),
  ].join(' · ');
}

/** What must not be overlooked. */
export function warnings({ lost, substitutions, warnings: told }: RunRecord): Markup[] {
  const texts = [...told];
  const steps = lost.count === 1 ? 'step' : 'steps';
  if (lost.count > 0)
    texts.push(`The loss was no finite number at ${lost.count} ${steps}, first at step ${lost.first}.`);
  const { count, keys } = substitutions;
  if (count > 0) {
    const more = count > keys.length ? ' and others' : '';
    texts.push(`Samples that could not be used, replaced by others: ${count} (${keys.join(', ')}${more}).`);
  }
  return texts.map((text) => element('p', { class: 'warning' }, text));
}

/** The figures that are looked for first. Those that were never measured are left out. */
export function summaryTiles(run: RunRecord): Markup {
  const { images, seconds, waitingSeconds } = run.totals;
  const validated = run.epochs.rows.findLast((row) => 'val.top1' in row || 'val.mAP' in row);
  const figures: [string, number, (value: number) => string][] = [
    ['val top-1', numberOf(validated?.['val.top1']), percent],
    ['best val top-1', bestOf(run, 'val.top1'), percent],
    ['val mAP', numberOf(validated?.['val.mAP']), percent],
    ['best val mAP', bestOf(run, 'val.mAP'), percent],
    ['val top-5', numberOf(validated?.['val.top5']), percent],
    ['val loss', numberOf(validated?.['val.loss']), (value) => value.toFixed(4)],
    ['train loss', numberOf(run.epochs.latest?.['train.loss']), (value) => value.toFixed(4)],
    ['loss scale', numberOf(run.epochs.latest?.['train.grad_scale']), (value) => String(value)],
    ['skipped updates', numberOf(run.epochs.latest?.['train.skipped_updates']), (value) => String(value)],
    ['images per second', images / seconds, (value) => value.toFixed(value < 10 ? 1 : 0)],
    ['waiting for data', waitingSeconds / seconds, percent],
  ];
  const tiles = figures
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value, format]) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, format(value))),
    );
  return element('dl', { class: 'tiles' }, tiles);
}

/** Of several evaluations. */
function bestOf(run: RunRecord, name: string): number {
  const points = run.epochPoints(name);
  return points.length > 1 ? Math.max(...points.map(({ high }) => high || 0)) : Number.NaN;
}

const percent = (share: number): string => formatPercent(share, 0.001);

function describeSeconds(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(0)} s`;
  if (seconds < 6000) return `${(seconds / 60).toFixed(0)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
