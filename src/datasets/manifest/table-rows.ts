import { DataError } from '../../core/errors.ts';
import type { TextLine } from './text-lines.ts';

/** A row of a table, and the line that it begins in. */
export interface TableRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * The rows of a table of separated values (RFC 4180): a cell in quotes may hold separators, doubled quotes and ends of lines.
 * Empty lines are passed over.
 */
export function* tableRows(path: string, lines: Iterable<TextLine>, separator: string): Generator<TableRow> {
  let open: { line: number; text: string } | undefined;
  for (const { number, text } of lines) {
    if (open === undefined && text.trim() === '') continue;
    const line = open?.line ?? number;
    const whole: string = open === undefined ? text : `${open.text}\n${text}`;
    const cells = whole.includes('"') ? quotedCells(whole, separator) : whole.split(separator);
    open = cells === undefined ? { line, text: whole } : undefined;
    if (cells !== undefined) yield { line, cells };
    else if (whole.length > MAX_ROW) throw unclosed(path, line);
  }
  if (open !== undefined) throw unclosed(path, open.line);
}

/** Characters of a row: a quote that is never closed must not take the whole file for its cell. */
const MAX_ROW = 1 << 16;

/** The cells of a row; undefined where a quote is still open at its end. */
function quotedCells(text: string, separator: string): string[] | undefined {
  const cells: string[] = [];
  for (let at = 0; ; ) {
    // some writers put a space before a cell
    const first = firstOther(text, at, ' ');
    // a quote within a cell that does not begin with one is a character like others
    const isQuoted = text[first] === '"';
    if (isQuoted) at = first;
    const end = isQuoted ? closingQuote(text, at + 1) : text.indexOf(separator, at);
    if (isQuoted && end === -1) return undefined;
    if (isQuoted) {
      const next = text.indexOf(separator, end + 1);
      const rest = text.slice(end + 1, next === -1 ? undefined : next);
      cells.push(text.slice(at + 1, end).replaceAll('""', '"') + rest);
      if (next === -1) return cells;
      at = next + 1;
    } else {
      cells.push(text.slice(at, end === -1 ? undefined : end));
      if (end === -1) return cells;
      at = end + 1;
    }
  }
}

/** Where the first character that is not this one stands, or the end. */
function firstOther(text: string, from: number, character: string): number {
  let at = from;
  while (text[at] === character) at++;
  return at;
}

/** The first quote that is not doubled. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at;
  return -1;
}

const unclosed = (path: string, line: number): DataError =>
  new DataError('UNCLOSED_QUOTE', `${path}: line ${line}: a quote (") is not closed`);
