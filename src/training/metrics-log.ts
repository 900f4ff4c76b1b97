import { closeSync, openSync, writeSync } from 'node:fs';

/** Metrics as JSON lines, on disk as soon as they are written: a killed run keeps what it measured. */
export class MetricsLog {
  readonly #file: number;
  readonly #also: ((line: string) => void) | undefined;

  /** @param also gets each line as well, for instance to print it */
  constructor(path: string, also?: (line: string) => void) {
    this.#file = openSync(path, 'a');
    this.#also = also;
  }

  write(record: Readonly<Record<string, unknown>>): void {
    const line = JSON.stringify(record);
    writeSync(this.#file, `${line}\n`);
    this.#also?.(line);
  }

  close(): void {
    closeSync(this.#file);
  }
}
