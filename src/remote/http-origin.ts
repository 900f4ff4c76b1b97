import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { DataError, ParameterError } from '../core/errors.ts';
import { decoded } from './environment.ts';
import type { Origin } from './origin.ts';
import { totalOf } from './range.ts';
import { failure } from './remote-errors.ts';
import type { RemoteFile } from './remote-file.ts';
import type { Answer } from './transport.ts';

/** What a URL has besides the address: a signature, say. */
interface Access {
  readonly search: string;
  readonly authorization: string | undefined;
}

/** Objects that a web server gives by their address. */
export const httpOrigin: Origin = {
  isPinned: false,

  plainUrl(url) {
    if (!URL.canParse(url)) throw new ParameterError('INVALID_OPTION', `${withoutAccess(url)}: is no URL`);
    const parsed = new URL(url);
    const plain = `${parsed.origin}${parsed.pathname}`;
    const access: Access = { search: parsed.search, authorization: basicAuthorization(parsed) };
    if (access.search !== '' || access.authorization !== undefined)
      // threads that are started later have it too, and nothing that is written or posted holds it
      setEnvironmentData(accessKey(plain), access);
    return plain;
  },

  place: (url) => ({
    async target(headers) {
      const { search = '', authorization } = (getEnvironmentData(accessKey(url)) ?? {}) as Partial<Access>;
      return {
        url: new URL(url + search),
        headers: authorization === undefined ? headers : { ...headers, authorization },
      };
    },
  }),

  describe: describeByAnswer,

  async list(url) {
    throw new ParameterError(
      'INVALID_OPTION',
      `${url}: a web server has no list of its objects: name the files, shards in braces (train-{000..099}.tar)`,
    );
  },
};

/** Size and ETag, or the date where there is none. */
export function describeByAnswer(url: string, answer: Answer): RemoteFile {
  // of an empty object there is no first byte
  const { size = answer.status === 416 ? 0 : undefined } = totalOf(answer);
  if (size === undefined) throw failure('finding', 'NO_RANGES', `${url}: the server does not tell its size`);
  const { etag, 'last-modified': lastModified } = answer.headers;
  // of an empty object nothing is read
  if (etag === undefined && lastModified === undefined && size > 0)
    throw new DataError(
      'NO_IDENTITY',
      `${url}: the server sends neither ETag nor Last-Modified, so no change of it could be seen`,
    );
  return { url, size, ...(etag === undefined ? { lastModified } : { etag }) };
}

const accessKey = (url: string): string => `millrace access ${url}`;

/** Of what is no URL: whatever may be a password or a signature is left out. */
const withoutAccess = (url: string): string => url.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//');

function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const pair = `${decoded(username)}:${decoded(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
