import { ParameterError } from '../core/errors.ts';
import { credentialIn, decoded, type Environment, endpointIn } from './environment.ts';
import { describeByAnswer } from './http-origin.ts';
import type { Ask, Origin } from './origin.ts';
import type { Place } from './question.ts';
import { failure } from './remote-errors.ts';
import type { RemoteFile } from './remote-file.ts';
import type { Answer } from './transport.ts';

interface HfAddress {
  /** `org/name` */
  readonly repository: string;
  readonly revision: string;
  readonly path: string;
}

/** What the hub's tree says of a file or folder. */
interface TreeEntry {
  readonly type: string;
  readonly path: string;
  readonly size: number;
  readonly oid: string;
  readonly lfs?: { readonly oid: string; readonly size: number };
}

interface TreePage {
  readonly entries: readonly TreeEntry[];
  readonly next: string | undefined;
}

/** Of a page of 1000 files. */
const LISTING_BYTES = 16 * 2 ** 20;

/** Files of datasets of the Hugging Face hub. Addresses are pinned to a commit, so that what is read cannot move. */
export class HfOrigin implements Origin {
  readonly isPinned = true;
  readonly #environment: Environment;

  constructor(environment: Environment = process.env) {
    this.#environment = environment;
  }

  plainUrl(url: string): string {
    addressOf(url);
    return url;
  }

  place(url: string): Place {
    const { repository, revision, path } = addressOf(url);
    const at = `datasets/${repository}/resolve/${encodeURIComponent(revision)}/${encodedPath(path)}`;
    return { ...this.#placeOf(`${this.#endpoint}/${at}`), isSentOn: true };
  }

  describe(url: string, answer: Answer): RemoteFile {
    const { repository, revision, path } = addressOf(url);
    const { 'x-repo-commit': told, 'x-linked-etag': linked, etag } = answer.ownHeaders;
    const commit = [told, revision].find(isCommit);
    if (commit === undefined)
      throw failure('finding', 'NO_IDENTITY', `${url}: the server does not tell the commit`);
    // the hub's own: of the server that it sends on to, they may differ from day to day
    const own = (linked ?? etag ?? answer.headers.etag) as string | undefined;
    const headers = { ...answer.headers, ...(own !== undefined && { etag: own }) };
    return describeByAnswer(urlOf(repository, commit, path), { ...answer, headers });
  }

  async list(url: string, ask: Ask): Promise<readonly RemoteFile[]> {
    const { repository, revision, path } = addressOf(url);
    const api = `${this.#endpoint}/api/datasets/${repository}`;
    const question = (address: string) => ({
      ...({ stage: 'finding', url, isObject: false, headers: {}, maxBytes: LISTING_BYTES } as const),
      place: this.#placeOf(address),
    });
    const commit = await ask(question(`${api}/revision/${encodeURIComponent(revision)}`), (answer) =>
      commitOf(url, answer),
    );
    const files: RemoteFile[] = [];
    let next: string | undefined = `${api}/tree/${commit}/${encodedPath(path)}?recursive=true`;
    while (next !== undefined) {
      const page: TreePage = await ask(question(next), (answer) => pageOf(url, answer));
      for (const entry of page.entries)
        if (entry.type === 'file') files.push(fileOf(urlOf(repository, commit, entry.path), entry));
      next = page.next === undefined ? undefined : this.#nextPage(url, page.next);
    }
    return files;
  }

  #placeOf(address: string): Place {
    return {
      target: async (headers) => {
        const token = credentialIn(this.#environment, 'HF_TOKEN');
        const url = new URL(address);
        return {
          url,
          headers: token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` },
        };
      },
    };
  }

  /** The token is for the hub alone. */
  #nextPage(url: string, next: string): string {
    if (
      URL.canParse(next, this.#endpoint) &&
      new URL(next, this.#endpoint).origin === new URL(this.#endpoint).origin
    )
      return new URL(next, this.#endpoint).href;
    throw failure('finding', 'REMOTE_REFUSED', `${url}: the next page of the list is on another server`);
  }

  get #endpoint(): string {
    return endpointIn(this.#environment, ['HF_ENDPOINT']) ?? 'https://huggingface.co';
  }
}

function addressOf(url: string): HfAddress {
  const pattern = /^hf:\/\/datasets\/([^/@]+\/[^/@]+)(?:@(refs\/[^/]+\/[^/]+|[^/]+))?(?:\/(.*))?$/s;
  const [, repository, revision = 'main', path = ''] = pattern.exec(url) ?? [];
  if (repository === undefined)
    throw new ParameterError(
      'INVALID_OPTION',
      `${url}: expected hf://datasets/organization/name/path, with @revision after the name or without`,
    );
  return { repository, revision: decoded(revision), path };
}

const urlOf = (repository: string, revision: string, path: string): string =>
  `hf://datasets/${repository}@${revision}/${path}`;

const isCommit = (text: unknown): text is string => typeof text === 'string' && /^[0-9a-f]{40}$/.test(text);

const encodedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

function commitOf(url: string, { body }: Answer): string {
  const { sha } = parsed(url, body) as { readonly sha?: unknown };
  if (isCommit(sha)) return sha;
  throw failure('finding', 'REMOTE_REFUSED', `${url}: the hub does not tell the commit`);
}

function pageOf(url: string, { headers, body }: Answer): TreePage {
  const entries = parsed(url, body) as readonly TreeEntry[];
  if (!Array.isArray(entries)) throw unreadable(url);
  const next = /<([^>]+)>\s*;\s*rel="next"/.exec(String(headers['link'] ?? ''))?.[1];
  return { entries, next };
}

/** The ETag is what the hub sends with the file: its SHA-256 where it is a large one. */
const fileOf = (url: string, { size, oid, lfs }: TreeEntry): RemoteFile => ({
  url,
  size: lfs?.size ?? size,
  etag: `"${lfs?.oid ?? oid}"`,
});

function parsed(url: string, body: Buffer | undefined): unknown {
  try {
    return JSON.parse(body?.toString('utf8') ?? '');
  } catch {
    throw unreadable(url);
  }
}

const unreadable = (url: string) =>
  failure('finding', 'REMOTE_REFUSED', `${url}: the hub's list of files cannot be read`);
