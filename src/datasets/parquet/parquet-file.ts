import { closeSync, fstatSync, openSync } from 'node:fs';
import { DataError } from '../../core/errors.ts';
import { type FilePath, pathInWords, systemPath } from '../file-path.ts';
import { readError, readFully } from '../read-fully.ts';

/** A Parquet file while it is listed. */
export class ParquetFile {
  /** For people. */
  readonly path: string;
  readonly size: number;
  /** When it was changed last, in nanoseconds since 1970: too large a number for a double. */
  readonly changed: string;
  readonly #file: number;
  #buffer: Buffer = Buffer.alloc(0);
  #scratch: Buffer = Buffer.alloc(0);

  constructor(path: FilePath) {
    this.path = pathInWords(path);
    try {
      this.#file = openSync(systemPath(path), 'r');
      const stats = fstatSync(this.#file, { bigint: true });
      this.size = Number(stats.size);
      this.changed = String(stats.mtimeNs);
    } catch (cause) {
      throw this.#readError(cause);
    }
  }

  /** The bytes from `position` on. Valid until the next call. */
  bytes(position: number, length: number): Buffer {
    if (position + length > this.size)
      throw this.damaged(`expected ${length} bytes at offset ${position}, the file has ${this.size}`);
    this.#buffer = atLeast(this.#buffer, length);
    try {
      const count = readFully(this.#file, this.#buffer, length, position);
      if (count === length) return this.#buffer.subarray(0, length);
    } catch (cause) {
      throw this.#readError(cause);
    }
    throw this.damaged('it became shorter while it was read');
  }

  /** Memory to unpack into. Valid until the next call. */
  scratch(length: number): Buffer {
    this.#scratch = atLeast(this.#scratch, length);
    return this.#scratch.subarray(0, length);
  }

  damaged(reason: string, cause?: unknown): DataError {
    return new DataError('DAMAGED_PARQUET', `${this.path}: is damaged: ${reason}`, { cause });
  }

  /** The file is sound, but is none that can be used. */
  refused(code: string, reason: string): DataError {
    return new DataError(code, `${this.path}: ${reason}`);
  }

  close(): void {
    closeSync(this.#file);
  }

  #readError(cause: unknown): DataError {
    return readError(cause, 'no such file', { prefix: `${this.path}: ` });
  }
}

/** The buffer, or a new one where it is shorter: a little longer than asked for, as more such pages follow. */
const atLeast = (buffer: Buffer, length: number): Buffer =>
  length > buffer.length ? Buffer.allocUnsafeSlow(Math.ceil(length * 1.25)) : buffer;
