import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { asOutput } from '../core/write-whole.ts';
import type { MetricsRecord } from './metrics-reader.ts';

/** Metrics as JSON lines, on disk as soon as they are written: a killed run keeps what it measured. */
export class MetricsLog {
  readonly #path: string;
  readonly #file: number;
  readonly #also: ((record: MetricsRecord) => void) | undefined;

  /** @param also hears each record as well */
  constructor(path: string, also?: (record: MetricsRecord) => void) {
    this.#path = path;
    this.#also = also;
    this.#file = asOutput(path, output, () => openSync(path, 'a+'));
    if (endsWithinLine(this.#file)) this.#append('\n');
  }

  write(record: MetricsRecord): void {
    this.#append(`${JSON.stringify(record)}\n`);
    this.#also?.(record);
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(text: string): void {
    // all of it or an error: a full disk takes a part of a line first
    asOutput(this.#path, output, () => appendFileSync(this.#file, text));
  }
}

const output = { what: 'the metrics file' };

/** Whether the run before was killed while it wrote: what comes next must not be taken for the line's rest. */
function endsWithinLine(file: number): boolean {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && String(last) !== '\n';
}
