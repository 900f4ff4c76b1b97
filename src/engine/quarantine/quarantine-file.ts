import {
  accessSync,
  appendFileSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { asOutput, unwritable } from '../../core/write-whole.ts';
import { parseQuarantine } from './read-quarantine.ts';
import { type QuarantineRecord, sampleOf } from './record.ts';

/**
 * A quarantine file that is added to. It is made when the first record comes. A line is with the system as soon as it is
 * written, so a process that is killed loses none; what is in the file already is not written again.
 */
export class QuarantineFile {
  readonly path: string;
  readonly #known = new Set<string>();
  #file: number | undefined;

  /** Throws where the file could not be written, or is of another kind: neither is to be learnt hours later. */
  constructor(path: string) {
    this.path = path;
    const stats = asOutput(path, output, () => statSync(path, { throwIfNoEntry: false }));
    if (stats !== undefined && !stats.isFile()) throw unwritable(path, output, 'it is not a file');
    asOutput(path, output, () => accessSync(stats === undefined ? dirname(path) : path, constants.W_OK));
    if (stats !== undefined) parseQuarantine(readWhole(path), path);
  }

  write(record: QuarantineRecord): void {
    asOutput(this.path, output, () => {
      this.#file ??= this.#open();
      const cause = causeOf(record);
      if (this.#known.has(cause)) return;
      this.#known.add(cause);
      // all of it or an error: a full disk takes a part of a line first
      appendFileSync(this.#file, `${JSON.stringify(record)}\n`);
    });
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): number {
    const file = openSync(this.path, 'a+');
    const bytes = readFileSync(file);
    const { records, wholeBytes } = parseQuarantine(bytes, this.path);
    for (const record of records) this.#known.add(causeOf(record));
    // what a killed process began to write; by its path, since Windows shortens no file that is open for appending
    if (wholeBytes < bytes.length) truncateSync(this.path, wholeBytes);
    else if (bytes.length > 0 && bytes.at(-1) !== NEWLINE) appendFileSync(file, '\n');
    return file;
  }
}

const NEWLINE = 10;

const causeOf = (record: QuarantineRecord): string => `${sampleOf(record)} ${record.code}`;

const readWhole = (path: string): Buffer => asOutput(path, output, () => readFileSync(path));

const output = { what: 'the quarantine file' };
