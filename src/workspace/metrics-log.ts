import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { MetricsRecord } from './metrics-reader.ts';

/** Metrics as JSON lines, on disk as soon as they are written: a killed run keeps what it measured. */
export class MetricsLog {
  readonly #file: number;
  readonly #also: ((record: MetricsRecord) => void) | undefined;

  /** @param also hears each record as well */
  constructor(path: string, also?: (record: MetricsRecord) => void) {
    this.#file = openSync(path, 'a+');
    this.#also = also;
    if (endsWithinLine(this.#file)) writeSync(this.#file, '\n');
  }

  write(record: MetricsRecord): void {
    writeSync(this.#file, `${JSON.stringify(record)}\n`);
    this.#also?.(record);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Whether the run before was killed while it wrote: what comes next must not be taken for the line's rest. */
function endsWithinLine(file: number): boolean {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && String(last) !== '\n';
}
