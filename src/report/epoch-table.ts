import { formatPercent } from '../html/axis.ts';
import { element, type Markup, tableHead } from '../html/markup.ts';
import { numberOf, type RunRecord } from './run-record.ts';

type Format = (value: number) => string;
const percent: Format = (value) => formatPercent(value, 0.001);
const fixed: Format = (value) => value.toFixed(4);
const fourDigits: Format = (value) => String(Number(value.toPrecision(4)));
const whole: Format = (value) => value.toFixed(0);

/** Columns by metric; one that no epoch has is left out. */
const columns: readonly [string, Format][] = [
  ['train.loss', fixed],
  ['train.lr', fourDigits],
  ['train.total_ips', whole],
  ['train.compute_ips', whole],
  ['train.waiting_share', percent],
  ['train.grad_scale', fourDigits],
  ['train.skipped_updates', whole],
  ['val.loss', fixed],
  ['val.mAP', percent],
  ['val.top1', percent],
  ['val.top5', percent],
  ['val_ema.mAP', percent],
  ['val_ema.top1', percent],
  ['val_ema.top5', percent],
];

/** The curves as numbers, closed until it is asked for. */
export function epochTable({ epochs: { rows } }: RunRecord): Markup | undefined {
  if (rows.length === 0) return undefined;
  const present = columns.filter(([name]) => rows.some((row) => name in row));
  const header = ['epoch', ...present.map(([name]) => name)];
  const lines = rows.map((row) => [
    String(row['epoch']),
    ...present.map(([name, format]) => (name in row ? describe(numberOf(row[name]), format) : '')),
  ]);
  const table = element(
    'table',
    { class: 'numbers' },
    tableHead(header),
    element(
      'tbody',
      {},
      lines.map((line) =>
        element(
          'tr',
          {},
          line.map((cell) => element('td', {}, cell)),
        ),
      ),
    ),
  );
  return element(
    'details',
    {},
    element('summary', {}, 'In numbers'),
    element('div', { class: 'wide' }, table),
  );
}

const describe = (value: number, format: Format): string =>
  Number.isFinite(value) ? format(value) : 'not finite';
