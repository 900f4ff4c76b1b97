import { changedObject, failure } from './remote-errors.ts';
import type { RemoteFile } from './remote-file.ts';
import { Transient } from './retries.ts';
import type { Answer } from './transport.ts';

/** Bytes of an object, from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A server that always sends the whole may do so up to this size. */
export const WHOLE_LIMIT = 8 * 2 ** 20;

/** The longest answer that is read for the range. */
export const longestAnswer = ({ size }: RemoteFile, { start, end }: ByteRange): number =>
  size <= WHOLE_LIMIT ? size : end - start;

export const rangeHeader = ({ start, end }: ByteRange): string => `bytes=${start}-${end - 1}`;

/** A weak ETag never matches by HTTP's rules: it is compared when the answer is there. */
export const conditionOf = ({ etag }: Pick<RemoteFile, 'etag'>): Record<string, string> =>
  etag?.startsWith('"') ? { 'if-match': etag } : {};

/** Throws where the answer is not of the object that was listed. */
export function checkIdentity(file: RemoteFile, { status, headers }: Answer): void {
  const { etag, lastModified } = file;
  if (status === 412) throw changedObject(file, `its ETag is no longer ${etag}`);
  if (etag !== undefined && headers.etag !== undefined && headers.etag !== etag)
    throw changedObject(file, `its ETag is ${headers.etag} instead of ${etag}`);
  const modified = headers['last-modified'];
  if (etag === undefined && modified !== undefined && modified !== lastModified)
    throw changedObject(file, `it was modified ${modified} instead of ${lastModified}`);
}

/** The bytes that were asked for. Throws where the object has another size than the one that was listed. */
export function bytesOf(file: RemoteFile, range: ByteRange, answer: Answer): Buffer {
  const { status, body } = answer;
  const { size } = totalOf(answer);
  if (size !== undefined && size !== file.size)
    throw changedObject(file, `it has ${size} bytes instead of ${file.size}`);
  if (status === 200 && body !== undefined) return whole(body, range, file.size);
  if (status !== 206) throw refusesRange(file, range, answer);
  return part(file, range, answer);
}

/** What the answer to a range says of the whole. */
export function totalOf({ status, headers }: Answer): { readonly size: number | undefined } {
  const length = status === 200 ? headers['content-length'] : headers['content-range']?.split('/')[1];
  return { size: length === undefined || length === '*' ? undefined : Number(length) };
}

function whole(body: Buffer, { start, end }: ByteRange, size: number): Buffer {
  if (body.length !== size) throw new Transient(`${body.length} bytes came instead of ${size}`);
  return body.subarray(start, end);
}

function part(file: RemoteFile, range: ByteRange, { headers, body }: Answer): Buffer {
  const { start, end } = range;
  const sent = headers['content-range'] ?? '';
  if (!sent.startsWith(`bytes ${start}-${end - 1}/`)) {
    const message = `${file.url}: the server answers ${rangeHeader(range)} by ${JSON.stringify(sent)}`;
    throw failure('reading', 'REMOTE_REFUSED', message);
  }
  const got = body?.length ?? Number.POSITIVE_INFINITY;
  if (got !== end - start) throw new Transient(`${got} bytes came instead of ${end - start}`);
  return body as Buffer;
}

function refusesRange({ url }: RemoteFile, range: ByteRange, { status }: Answer) {
  const got = status === 200 ? 'sends the whole of it' : `answers HTTP ${status}`;
  const message = `${url}: the server ${got} where ${rangeHeader(range)} is asked for: it gives no ranges`;
  return failure('reading', 'NO_RANGES', message);
}
