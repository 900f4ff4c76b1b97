import { closeSync, openSync, readSync } from 'node:fs';
import { DataError, reasonOf } from '../core/errors.ts';

/** A line of a metrics file. What JSON has no number for, such as a loss of NaN, stands as null. */
export type MetricsRecord = Readonly<Record<string, unknown>>;

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 10;

/** All records of a metrics file. A line that a killed run left half-written is passed over. */
export const readMetrics = (path: string): Generator<MetricsRecord> => new MetricsReader(path).read();

/** Reads a metrics file that grows. */
export class MetricsReader {
  readonly #path: string;
  #position = 0;
  #line = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The records that were written since the `read` before was read to its end. */
  *read(): Generator<MetricsRecord> {
    const file = openFile(this.#path);
    try {
      let rest = Buffer.alloc(0);
      for (;;) {
        const chunk = Buffer.alloc(CHUNK_BYTES);
        const length = readSync(file, chunk, 0, CHUNK_BYTES, this.#position + rest.length);
        if (length === 0) break;
        rest = Buffer.concat([rest, chunk.subarray(0, length)]);
        const end = rest.lastIndexOf(NEWLINE) + 1;
        yield* this.#parse(rest.subarray(0, end));
        rest = rest.subarray(end);
      }
      // whole although nothing ends it, or cut: then it is read again with what will be appended
      if (parseLine(String(rest)) !== undefined) yield* this.#parse(rest);
    } finally {
      closeSync(file);
    }
  }

  *#parse(lines: Buffer): Generator<MetricsRecord> {
    this.#position += lines.length;
    const texts = String(lines).split('\n');
    if (texts.at(-1) === '') texts.pop();
    for (const text of texts) {
      this.#line++;
      const record = parseLine(text);
      if (record !== undefined) yield record;
      // a run went on after one that was killed while it wrote
      else if (!/^\s*(\{|$)/.test(text)) throw notMetrics(`${this.#path}:${this.#line}`);
    }
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    const message = `${path}: the metrics cannot be read: ${reasonOf(cause)}`;
    throw new DataError('METRICS_UNREADABLE', message, { cause });
  }
}

function parseLine(text: string): MetricsRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as MetricsRecord) : undefined;
  } catch {
    return undefined;
  }
}

const notMetrics = (place: string): DataError =>
  new DataError('NOT_METRICS', `${place}: expected metrics, one JSON object per line`);
