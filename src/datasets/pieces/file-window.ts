import { closeSync, openSync, statSync } from 'node:fs';
import { DataError } from '../../core/errors.ts';
import { type FilePath, pathInWords, systemPath } from '../opening/file-path.ts';
import { readError, readFully } from './read-fully.ts';

// A few headers of small members at once, and little in vain before a large one.
const WINDOW_BYTES = 8192;

/** A file of which bytes are wanted here and there, first to last. */
export interface ByteWindow {
  /** For people. */
  readonly path: string;
  readonly size: number;
  /** The bytes from `position` on, fewer than `length` at the end of the file. Valid until the next call. */
  view(position: number, length: number): Buffer;
  /**
   * Of a file that has to be waited for: when `view` can give these bytes; undefined: at once. To await it for each view
   * would cost a local file more than the view does.
   */
  load?(position: number, length: number): Promise<void> | undefined;
  close(): void;
}

/** A local file: reads a window around the bytes that are wanted. */
export class FileWindow implements ByteWindow {
  readonly path: string;
  readonly size: number;
  readonly #file: number;
  #buffer = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  #start = 0;
  #end = 0;

  constructor(path: FilePath) {
    this.path = pathInWords(path);
    try {
      const stats = statSync(systemPath(path));
      // opening a pipe would wait for its other end
      if (!stats.isFile()) throw new DataError('NOT_A_FILE', `${this.path}: is not a file`);
      this.size = stats.size;
      this.#file = openSync(systemPath(path), 'r');
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      throw readError(cause, 'no such file', { prefix: `${this.path}: ` });
    }
  }

  view(position: number, length: number): Buffer {
    const end = Math.min(position + length, this.size);
    if (position < this.#start || end > this.#end) this.#move(position, length);
    const from = position - this.#start;
    // behind the file's end there are none: a number below zero would count from the buffer's end
    return this.#buffer.subarray(from, Math.max(from, Math.min(end, this.#end) - this.#start));
  }

  close(): void {
    closeSync(this.#file);
  }

  #move(position: number, length: number): void {
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(length);
    try {
      this.#start = position;
      this.#end = position + readFully(this.#file, this.#buffer, this.#buffer.length, position);
    } catch (cause) {
      throw readError(cause, 'no such file', { prefix: `${this.path}: ` });
    }
  }
}
