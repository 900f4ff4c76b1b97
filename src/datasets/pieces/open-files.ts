import { closeSync, openSync } from 'node:fs';
import { type FilePath, pathInWords, systemPath } from '../opening/file-path.ts';
import { readError, readFully } from './read-fully.ts';

const MAX_OPEN_FILES = 64;

/** Files by number, of which pieces are read: those used last stay open. */
export class OpenFiles {
  readonly #paths: readonly FilePath[];
  /** The one used last is at the end. */
  readonly #files = new Map<number, number>();

  constructor(paths: readonly FilePath[]) {
    this.#paths = paths;
  }

  /** For people. */
  pathOf(number: number): string {
    return pathInWords(this.#paths[number] as FilePath);
  }

  /** Reads into the start of `buffer`; returns how many bytes there were before the file's end. */
  read(number: number, buffer: Buffer, length: number, position: number): number {
    try {
      return readFully(this.#open(number), buffer, length, position);
    } catch (cause) {
      const missing = 'cannot be read: no such file (it was there when it was listed)';
      throw readError(cause, missing, { prefix: `${this.pathOf(number)}: ` });
    }
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #open(number: number): number {
    const file = this.#files.get(number) ?? openSync(systemPath(this.#paths[number] as FilePath), 'r');
    this.#files.delete(number);
    this.#files.set(number, file);
    if (this.#files.size > MAX_OPEN_FILES) this.#closeOldest();
    return file;
  }

  #closeOldest(): void {
    const [number, file] = this.#files.entries().next().value as [number, number];
    this.#files.delete(number);
    closeSync(file);
  }
}
