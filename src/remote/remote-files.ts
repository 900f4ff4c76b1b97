import { BackendError, DataError, ParameterError } from '../core/errors.ts';
import { BlockCache, type CacheOptions } from './block-cache.ts';
import { CachedReads } from './cached-reads.ts';
import { HfOrigin } from './hf-origin.ts';
import { httpOrigin } from './http-origin.ts';
import type { Origin } from './origin.ts';
import { defaultPatience, type Patience } from './patience.ts';

import type { Question } from './question.ts';
import {
  type ByteRange,
  bytesOf,
  checkIdentity,
  conditionOf,
  longestAnswer,
  rangeHeader,
  totalOf,
  WHOLE_LIMIT,
} from './range.ts';
import { failure } from './remote-errors.ts';
import { type RemoteFile, remoteSchemes } from './remote-file.ts';
import { S3Origin } from './s3-origin.ts';
import { type Answer, Transport } from './transport.ts';

/** How remote data is read: plain data, for worker threads too. */
export interface RemoteOptions {
  /** Keeps what was read on the disk. Default: nothing is kept, and nothing but what is asked for is read. */
  readonly cache?: CacheOptions | undefined;
  /** Default: see `defaultPatience`. */
  readonly patience?: Partial<Patience> | undefined;
}

/**
 * Reads parts of objects on the network: one instance per thread. Credentials come from the environment. A server that is
 * gone is waited for; the errors name the object by its URL, and never by what gives access to it.
 */
export class RemoteFiles {
  readonly #transport: Transport;
  readonly #read: (file: RemoteFile, range: ByteRange) => Promise<Buffer>;
  readonly #s3 = new S3Origin();
  readonly #hf = new HfOrigin();

  /** `onMessage` hears what the user should know, a line each. Default: a warning of the process. */
  constructor(options: RemoteOptions = {}, onMessage: (message: string) => void = warn) {
    this.#transport = new Transport({ ...defaultPatience, ...options.patience }, onMessage);
    const fetch = (file: RemoteFile, range: ByteRange) => this.#fetch(file, range);
    const { cache } = options;
    const cached = cache && new CachedReads(new BlockCache(cache, onMessage), fetch);
    this.#read = cached === undefined ? fetch : (file, range) => cached.read(file, range);
  }

  /** Looks an object up. Throws a DataError: MISSING_FILE, ACCESS_DENIED, REMOTE_UNREACHABLE, NO_RANGES. */
  find(url: string): Promise<RemoteFile> {
    return this.#find(url, 'finding');
  }

  /**
   * The same of an object that a list names, while samples are read: where it is missing that is a DataError MISSING_FILE, of
   * this sample; all else is a BackendError, of the run.
   */
  async findNamed(url: string): Promise<RemoteFile> {
    try {
      return await this.#find(url, 'named');
    } catch (cause) {
      if (!(cause instanceof DataError) || cause.code === 'MISSING_FILE') throw cause;
      throw new BackendError(cause.code, cause.message, { cause });
    }
  }

  /** An address without what gives access to it, which is kept for requests of this thread and of those started later. */
  plainUrl(url: string): string {
    return this.#originOf(url).plainUrl(url);
  }

  async #find(url: string, stage: 'finding' | 'named'): Promise<RemoteFile> {
    const origin = this.#originOf(url);
    const plain = origin.plainUrl(url);
    const question: Question = {
      ...({ stage, url: plain, isObject: true, maxBytes: 1 } as const),
      ...{ place: origin.place(plain), headers: { range: rangeHeader({ start: 0, end: 1 }) } },
    };
    return this.#transport.get(question, (answer) => {
      checkRanges(plain, answer);
      return origin.describe(plain, answer);
    });
  }

  /**
   * All objects below a folder of s3:// or hf://, by their URLs' order. Throws a DataError MISSING_FOLDER where there are
   * none, and a ParameterError for a web server, which has no lists.
   */
  async list(url: string): Promise<readonly RemoteFile[]> {
    const origin = this.#originOf(url);
    const plain = origin.plainUrl(url);
    const files = await origin.list(plain, (question, use) => this.#transport.get(question, use));
    if (files.length === 0) throw failure('finding', 'MISSING_FOLDER', `${plain}: no objects lie there`);
    return [...files].sort((a, b) => (a.url < b.url ? -1 : 1));
  }

  /** `length` bytes from `offset` on. Throws a BackendError CHANGED_DATA where the object is another by now. */
  async read(file: RemoteFile, offset: number, length: number): Promise<Buffer> {
    const range = rangeIn(file, offset, length);
    return length === 0 ? Buffer.alloc(0) : this.#read(file, range);
  }

  /** The same, of what is not to be kept in a cache: a list may hold signatures of what it lists. */
  async readUnkept(file: RemoteFile, offset: number, length: number): Promise<Buffer> {
    const range = rangeIn(file, offset, length);
    return length === 0 ? Buffer.alloc(0) : this.#fetch(file, range);
  }

  /** Ends what is under way with an error. */
  async close(): Promise<void> {
    this.#transport.close();
  }

  async #fetch(file: RemoteFile, range: ByteRange): Promise<Buffer> {
    const origin = this.#originOf(file.url);
    const condition = origin.isPinned ? {} : conditionOf(file);
    const question: Question = {
      ...({ stage: 'reading', url: file.url, isObject: true } as const),
      maxBytes: longestAnswer(file, range),
      ...{ place: origin.place(file.url), headers: { range: rangeHeader(range), ...condition } },
    };
    return this.#transport.get(question, (answer) => {
      if (!origin.isPinned) checkIdentity(file, answer);
      return bytesOf(file, range, answer);
    });
  }

  #originOf(url: string): Origin {
    const scheme = remoteSchemes.find((one) => url.startsWith(one));
    if (scheme === 's3://') return this.#s3;
    if (scheme === 'hf://') return this.#hf;
    if (scheme !== undefined) return httpOrigin;
    const expected = remoteSchemes.join(', ');
    throw new ParameterError('INVALID_OPTION', `${url}: is no remote address: expected ${expected}`);
  }
}

function rangeIn(file: RemoteFile, offset: number, length: number): ByteRange {
  const range = { start: offset, end: offset + length };
  if (offset >= 0 && length >= 0 && range.end <= file.size) return range;
  throw new RangeError(`${file.url}: bytes ${offset} to ${range.end} of ${file.size} are asked for`);
}

function checkRanges(url: string, answer: Answer): void {
  const encoding = answer.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw failure('finding', 'NO_RANGES', `${url}: the server sends it compressed (${encoding})`);
  const { size = 0 } = totalOf(answer);
  if (answer.status === 200 && size > WHOLE_LIMIT)
    throw failure('finding', 'NO_RANGES', `${url}: the server gives no ranges of it, only the whole`);
}

function warn(message: string): void {
  process.emitWarning(message, { code: 'MILLRACE_REMOTE' });
}
