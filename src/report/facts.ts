import { element, type Markup } from '../html/markup.ts';
import type { RunRecord } from './run-record.ts';

/** The flags of the run. */
export const configurationTable = ({ facts }: RunRecord): Markup =>
  factTable(
    Object.entries((facts.get('run.flags') ?? {}) as object).sort(byName),
    'No configuration was written.',
  );

/** By name, in an order that is the same everywhere. */
const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

/** Digests and environment, each where there is something to show. */
export function factTables({ facts }: RunRecord): [string, Markup][] {
  const digests = [...facts].filter(([name]) => name.endsWith('.digest'));
  const named = [
    'run.workspace',
    'run.checkpoint',
    'run.trainer',
    'run.precision',
    'run.quantization',
    'run.gpu',
  ];
  const shown = named.filter((name) => facts.has(name));
  const environment = [
    ...shown.map((name): [string, unknown] => [name.slice('run.'.length), facts.get(name)]),
    ...Object.entries((facts.get('run.environment') ?? {}) as object),
  ];
  const tables: [string, [string, unknown][]][] = [
    ['Digests', digests],
    ['Environment', environment],
  ];
  return tables.filter(([, rows]) => rows.length > 0).map(([name, rows]) => [name, factTable(rows)]);
}

function factTable(rows: readonly [string, unknown][], otherwise = ''): Markup {
  if (rows.length === 0) return element('p', {}, otherwise);
  const items = rows.map(([name, value]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, describe(value))),
  );
  return element('dl', { class: 'facts' }, items);
}

/** A value as people write it: `0.1`, `millrace 0.1.0, sharp 0.35.5`. */
function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.map(describe).join(', ');
  return Object.entries(value)
    .map(([name, part]) => `${name} ${describe(part)}`)
    .join(', ');
}
