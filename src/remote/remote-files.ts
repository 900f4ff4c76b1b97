import { DataError, ParameterError } from '../core/errors.ts';
import { httpOrigin } from './http-origin.ts';
import type { Origin } from './origin.ts';
import { defaultPatience, type Patience } from './patience.ts';
import type { ByteRange } from './range.ts';
import { bytesOf, conditionOf, longestAnswer, rangeHeader, totalOf, WHOLE_LIMIT } from './range.ts';
import { failure } from './remote-errors.ts';
import { isRemote, type RemoteFile, remoteSchemes } from './remote-file.ts';
import { type Answer, Transport } from './transport.ts';

/** How remote data is read: plain data, for worker threads too. */
export interface RemoteOptions {
  /** Keeps blocks that were read in this folder, up to `limit` bytes. Default: nothing is kept. */
  readonly cache?: { readonly folder: string; readonly limit: number } | undefined;
  /** Default: see `defaultPatience`. */
  readonly patience?: Partial<Patience> | undefined;
}

/**
 * Reads parts of objects on the network: one instance per thread. Credentials come from the environment. A server that is
 * gone is waited for; the errors name the object by its URL, and never by what gives access to it.
 */
export class RemoteFiles {
  readonly #transport: Transport;

  /** `onMessage` hears what the user should know, a line each. Default: a warning of the process. */
  constructor(options: RemoteOptions = {}, onMessage: (message: string) => void = warn) {
    this.#transport = new Transport({ ...defaultPatience, ...options.patience }, onMessage);
  }

  /** Looks an object up. Throws a DataError: MISSING_FILE, ACCESS_DENIED, REMOTE_UNREACHABLE, NO_RANGES. */
  async find(url: string): Promise<RemoteFile> {
    const origin = originOf(url);
    const range: ByteRange = { start: 0, end: 1 };
    const headers = { range: rangeHeader(range) };
    const question = { stage: 'finding', url, origin, headers, maxBytes: 1 } as const;
    return this.#transport.get(question, (answer) => described(url, answer));
  }

  /** `length` bytes from `offset` on. Throws a BackendError CHANGED_DATA where the object is another by now. */
  async read(file: RemoteFile, offset: number, length: number): Promise<Buffer> {
    const range = { start: offset, end: offset + length };
    if (!(offset >= 0 && length >= 0 && range.end <= file.size))
      throw new RangeError(`${file.url}: bytes ${offset} to ${range.end} of ${file.size} are asked for`);
    if (length === 0) return Buffer.alloc(0);
    return this.#fetch(file, range);
  }

  /** Ends what is under way with an error. */
  async close(): Promise<void> {
    this.#transport.close();
  }

  async #fetch(file: RemoteFile, range: ByteRange): Promise<Buffer> {
    const headers = { range: rangeHeader(range), ...conditionOf(file) };
    return this.#transport.get(
      {
        ...{ stage: 'reading', url: file.url, origin: originOf(file.url), headers },
        maxBytes: longestAnswer(file, range),
      },
      (answer) => bytesOf(file, range, answer),
    );
  }
}

function originOf(url: string): Origin {
  if (isRemote(url)) return httpOrigin;
  const schemes = remoteSchemes.join(', ');
  throw new ParameterError('INVALID_OPTION', `${url}: is no remote address: expected ${schemes}`);
}

function described(url: string, answer: Answer): RemoteFile {
  const { headers } = answer;
  const { size } = totalOf(answer);
  if (size === undefined) throw failure('finding', 'NO_RANGES', `${url}: the server does not tell its size`);
  if (answer.status === 200 && size > WHOLE_LIMIT)
    throw failure('finding', 'NO_RANGES', `${url}: the server gives no ranges of it, only the whole`);
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw failure('finding', 'NO_RANGES', `${url}: the server sends it compressed (${encoding})`);
  const { etag, 'last-modified': lastModified } = headers;
  // of an empty object nothing is read
  if (etag === undefined && lastModified === undefined && size > 0)
    throw new DataError(
      'NO_IDENTITY',
      `${url}: the server sends neither ETag nor Last-Modified, so no change of it could be seen`,
    );
  return { url, size, ...(etag === undefined ? { lastModified } : { etag }) };
}

function warn(message: string): void {
  process.emitWarning(message, { code: 'MILLRACE_REMOTE' });
}
