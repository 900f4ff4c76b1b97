import { closeSync, fstatSync, openSync } from 'node:fs';
import { DataError } from '../../core/errors.ts';
import { identityOf } from '../../remote/remote-file.ts';
import { type FilePath, systemPath } from '../opening/file-path.ts';
import type { Listing } from '../opening/listing.ts';
import { isRemoteFile, type SourcePath, sourceName } from '../opening/source-path.ts';
import type { ByteWindow } from '../pieces/file-window.ts';
import { after } from '../pieces/pieces.ts';
import { readError, readFully } from '../pieces/read-fully.ts';

/** Gives bytes of a file: those of a local one at once. */
interface FileBytes {
  readonly size: number;
  /** What differs when the file has changed. */
  readonly changed: string;
  /** Valid until the next call; fewer where the file has become shorter. */
  bytes(position: number, length: number): Buffer | Promise<Buffer>;
  close(): void;
}

/** A Parquet file while it is listed. */
export class ParquetFile {
  readonly source: SourcePath;
  /** For people. */
  readonly path: string;
  readonly #file: FileBytes;
  #scratch: Buffer = Buffer.alloc(0);

  constructor(source: SourcePath, listing: Listing) {
    this.source = source;
    this.path = sourceName(source);
    this.#file = isRemoteFile(source)
      ? new RemoteBytes(identityOf(source), listing.window(source))
      : new LocalBytes(source, this.path);
  }

  get size(): number {
    return this.#file.size;
  }

  get changed(): string {
    return this.#file.changed;
  }

  /** The bytes from `position` on. Valid until the next call. Those of a local file are there at once. */
  bytes(position: number, length: number): Buffer | Promise<Buffer> {
    if (position + length > this.size)
      throw this.damaged(`expected ${length} bytes at offset ${position}, the file has ${this.size}`);
    return after(this.#file.bytes(position, length), (bytes) => {
      if (bytes.length === length) return bytes;
      throw this.damaged('it became shorter while it was read');
    });
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
    this.#file.close();
  }
}

class LocalBytes implements FileBytes {
  readonly size: number;
  /** In nanoseconds since 1970: too large a number for a double. */
  readonly changed: string;
  readonly #path: string;
  readonly #file: number;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: FilePath, path: string) {
    this.#path = path;
    try {
      this.#file = openSync(systemPath(source), 'r');
      const stats = fstatSync(this.#file, { bigint: true });
      this.size = Number(stats.size);
      this.changed = String(stats.mtimeNs);
    } catch (cause) {
      throw this.#readError(cause);
    }
  }

  bytes(position: number, length: number): Buffer {
    this.#buffer = atLeast(this.#buffer, length);
    try {
      return this.#buffer.subarray(0, readFully(this.#file, this.#buffer, length, position));
    } catch (cause) {
      throw this.#readError(cause);
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #readError(cause: unknown): DataError {
    return readError(cause, 'no such file', { prefix: `${this.#path}: ` });
  }
}

class RemoteBytes implements FileBytes {
  readonly size: number;
  readonly changed: string;
  readonly #window: ByteWindow;

  constructor(identity: string, window: ByteWindow) {
    this.size = window.size;
    this.changed = identity;
    this.#window = window;
  }

  bytes(position: number, length: number): Buffer | Promise<Buffer> {
    const loading = this.#window.load?.(position, length);
    if (loading === undefined) return this.#window.view(position, length);
    return loading.then(() => this.#window.view(position, length));
  }

  close(): void {
    this.#window.close();
  }
}

/** The buffer, or a new one where it is shorter: a little longer than asked for, as more such pages follow. */
const atLeast = (buffer: Buffer, length: number): Buffer =>
  length > buffer.length ? Buffer.allocUnsafeSlow(Math.ceil(length * 1.25)) : buffer;
