import type { RemoteFile } from '../../remote/remote-file.ts';
import type { RemoteFiles } from '../../remote/remote-files.ts';
import type { ByteWindow } from './file-window.ts';

/** For a header far from the last one, with what may describe it. */
const SMALLEST_BYTES = 1 << 15;
const LARGEST_BYTES = 1 << 22;
/** From so many on, the bytes that follow are on their way while these are looked at. */
const STREAMED_BYTES = 1 << 19;

/**
 * An object on the network while it is listed. What lies near the last bytes is read with ever more that follows, up to 4 MiB
 * at a time, of which the next are asked for in advance; after a jump little is read. So small members of a tar are
 * streamed, many to a request, and of members that are larger than about 100 KB, where a round trip costs less than their
 * bytes, headers alone are read.
 */
export class RemoteWindow implements ByteWindow {
  readonly path: string;
  readonly size: number;
  readonly #file: RemoteFile;
  readonly #files: Pick<RemoteFiles, 'read'>;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #ahead = SMALLEST_BYTES;
  #next: { readonly start: number; readonly end: number; readonly bytes: Promise<Buffer> } | undefined;

  constructor(file: RemoteFile, files: Pick<RemoteFiles, 'read'>) {
    this.path = file.url;
    this.size = file.size;
    this.#file = file;
    this.#files = files;
  }

  view(position: number, length: number): Buffer {
    if (!this.#has(position, length)) throw new RangeError(`${this.path}: ${position} is not loaded`);
    return this.#bytes.subarray(position - this.#start, position - this.#start + length);
  }

  load(position: number, length: number): Promise<void> | undefined {
    return this.#has(position, length) ? undefined : this.#move(position, length);
  }

  close(): void {
    this.#next = undefined;
  }

  get #end(): number {
    return this.#start + this.#bytes.length;
  }

  #has(position: number, length: number): boolean {
    const end = Math.min(position + length, this.size);
    return end <= position || (position >= this.#start && end <= this.#end);
  }

  async #move(position: number, length: number): Promise<void> {
    const isNear = position >= this.#start && position <= this.#end + this.#ahead;
    this.#ahead = isNear ? Math.min(2 * this.#ahead, LARGEST_BYTES) : SMALLEST_BYTES;
    const parts: Buffer[] = [];
    let at = position;
    const take = (start: number, bytes: Buffer): void => {
      if (at < start || at >= start + bytes.length) return;
      parts.push(bytes.subarray(at - start));
      at = start + bytes.length;
    };
    take(this.#start, this.#bytes);
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined && at >= next.start && at < next.end) take(next.start, await next.bytes);
    const end = Math.min(position + length, this.size);
    if (at < end) take(at, await this.#read(at, Math.max(end - at, this.#ahead)));
    this.#start = position;
    this.#bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    if (isNear && this.#ahead >= STREAMED_BYTES) this.#begin(this.#end);
  }

  #begin(start: number): void {
    if (start >= this.size) return;
    const bytes = this.#read(start, this.#ahead);
    // it may not be wanted any more
    bytes.catch(() => {});
    this.#next = { start, end: Math.min(start + this.#ahead, this.size), bytes };
  }

  #read(start: number, length: number): Promise<Buffer> {
    return this.#files.read(this.#file, start, Math.min(length, this.size - start));
  }
}
