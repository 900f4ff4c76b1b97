import { isImageName } from '../folder/image-names.ts';
import { jsonObjects } from './json-rows.ts';
import {
  labelsIn,
  lineError,
  type ManifestColumns,
  type ManifestRow,
  pathNames,
  splitNames,
} from './manifest-row.ts';
import { type TableColumns, tableColumns } from './table-columns.ts';
import { type TableRow, tableRows } from './table-rows.ts';
import { type TextFile, type TextLine, textLines, textPath } from './text-lines.ts';

/** How a manifest is written: objects of JSON, a table, or `path label`. */
type ManifestFormat =
  | { readonly kind: 'json' }
  | { readonly kind: 'table'; readonly separator: string }
  | { readonly kind: 'list' };

/** The rows of a manifest, in order; what is wrong with a line is an error that names it. */
export function* manifestRows(file: TextFile, columns: ManifestColumns): Generator<ManifestRow> {
  const path = textPath(file);
  const format = formatOf(path, firstLine(file));
  const lines = textLines(file);
  if (format.kind === 'json') for (const object of jsonObjects(path, lines)) yield object.row(columns);
  else if (format.kind === 'list') yield* listRows(path, lines, columns);
  else yield* rowsOfTable(path, tableRows(path, lines, format.separator), columns);
}

/** The splits that the rows of a manifest say, each once, as they are written; none where there is no such column. */
export function splitsSaid(file: TextFile): Set<string> {
  const path = textPath(file);
  const format = formatOf(path, firstLine(file));
  const lines = textLines(file);
  if (format.kind === 'json') return splitsOfJson(path, lines);
  return format.kind === 'table' ? splitsOfTable(tableRows(path, lines, format.separator)) : new Set();
}

function splitsOfJson(path: string, lines: Iterable<TextLine>): Set<string> {
  const said = new Set<string>();
  for (const row of jsonObjects(path, lines)) {
    const split = row.split();
    if (split === undefined) break;
    said.add(split);
  }
  return said;
}

function splitsOfTable(rows: Iterable<TableRow>): Set<string> {
  const said = new Set<string>();
  let column: number | undefined;
  for (const { cells } of rows)
    if (column === undefined) {
      column = cells.findIndex((cell) => splitNames.includes(cell.trim().toLowerCase()));
      if (column === -1) break;
    } else said.add((cells[column] ?? '').trim());
  return said;
}

const SEPARATORS = ['\t', ',', ';'] as const;

/** By the file's ending; of text files by the first line. */
function formatOf(path: string, first: string): ManifestFormat {
  if (/\.(jsonl|ndjson)$/i.test(path)) return { kind: 'json' };
  if (/\.tsv$/i.test(path)) return { kind: 'table', separator: '\t' };
  if (/\.csv$/i.test(path)) return { kind: 'table', separator: mostFrequent(first) };
  if (first.startsWith('{')) return { kind: 'json' };
  // a path may have commas in it: then no part of the line is named like an image
  const separator = SEPARATORS.find((one) => isTable(first.split(one)));
  return separator === undefined ? { kind: 'list' } : { kind: 'table', separator };
}

const isTable = (cells: readonly string[]): boolean =>
  cells.length > 1 &&
  cells.some((cell) => isImageName(cell.trim()) || pathNames.includes(cell.trim().toLowerCase()));

/** Of a line with quotes, those within them do not count. */
function mostFrequent(line: string): string {
  const bare = line.replace(/"[^"]*"/g, '');
  const counts = SEPARATORS.map((one) => bare.split(one).length);
  const most = Math.max(...counts);
  // one column: whatever separates none
  return most === 1 ? ',' : (SEPARATORS[counts.indexOf(most)] as string);
}

function firstLine(file: TextFile): string {
  for (const { text } of textLines(file)) if (!isPassedOver(text)) return text;
  return '';
}

/** Empty lines, and those that begin with #, which are remarks in lists. */
const isPassedOver = (text: string): boolean => text.trim() === '' || text.startsWith('#');

/** Caffe's lists: the class follows the last space. */
function* listRows(
  path: string,
  lines: Iterable<TextLine>,
  { labelSeparator }: ManifestColumns,
): Generator<ManifestRow> {
  for (const { number, text } of lines) {
    if (isPassedOver(text)) continue;
    const [, image, label] = /^\s*(.*\S)\s+(\S+)\s*$/.exec(text) ?? [];
    const fail = (reason: string) => lineError(path, number, reason);
    if (image === undefined || label === undefined || isImageName(label))
      throw fail(`expected a path, a space and a class, got ${JSON.stringify(text.slice(0, 100))}`);
    yield { line: number, path: image, label: labelsIn(label, labelSeparator, fail) };
  }
}

function* rowsOfTable(
  path: string,
  rows: Iterable<TableRow>,
  columns: ManifestColumns,
): Generator<ManifestRow> {
  let found: TableColumns | undefined;
  for (const row of rows) {
    const isFirst = found === undefined;
    found ??= tableColumns(path, row, columns);
    if (!(isFirst && found.hasHeader)) yield rowOf(path, row, found, columns);
  }
}

function rowOf(
  path: string,
  { line, cells }: TableRow,
  { image, label, split, count, isKaggle }: TableColumns,
  { labelSeparator }: ManifestColumns,
): ManifestRow {
  const fail = (reason: string) => lineError(path, line, reason);
  if (cells.length !== count)
    throw fail(
      `expected ${count} columns, as in the first row, got ${cells.length} (cells with separators need quotes)`,
    );
  const [name, text] = [(cells[image] as string).trim(), cells[label] as string];
  if (isKaggle)
    return { line, path: `${name}.JPEG`, label: labelsIn(text.split(' ')[0] as string, undefined, fail) };
  return {
    line,
    path: name,
    label: labelsIn(text, labelSeparator, fail),
    ...(split !== undefined && { split: (cells[split] as string).trim() }),
  };
}
