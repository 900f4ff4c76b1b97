import type { IncomingHttpHeaders } from 'node:http';
import { MillraceError } from '../core/errors.ts';
import { HttpConnections, type HttpResponse } from './http-connections.ts';
import { isFirstToTell, settled } from './notices.ts';
import type { Patience } from './patience.ts';
import type { Question, Target } from './question.ts';
import { closed, failure, refusal } from './remote-errors.ts';
import { Transient, Unreachable, withRetries } from './retries.ts';
import { Sleeper } from './sleeper.ts';

export interface Answer extends HttpResponse {
  /** The last of the server that was asked, where it sent the request on to another. */
  readonly ownHeaders: IncomingHttpHeaders;
}

/** Hears of each server that is asked. */
type OnHost = (url: URL) => void;

const MAX_REDIRECTS = 5;
/** Room for what a server says of an error. */
const ERROR_BYTES = 64 * 2 ** 10;

/** Sends requests, again where that may help, and along redirections. */
export class Transport {
  readonly #patience: Patience;
  readonly #onMessage: (message: string) => void;
  readonly #connections: HttpConnections;
  readonly #sleeper = new Sleeper();
  /** Where an object's requests were sent on to, by its URL. */
  readonly #locations = new Map<string, URL>();
  /** The first request of each object that is under way, where its server sends all on. */
  readonly #searches = new Map<string, Promise<Answer>>();
  /** Servers that have answered. */
  readonly #reached = new Set<string>();
  #isClosed = false;

  constructor(patience: Patience, onMessage: (message: string) => void) {
    this.#patience = patience;
    this.#onMessage = onMessage;
    this.#connections = new HttpConnections(patience.silenceMs);
  }

  /** What `use` makes of the answer: of statuses below 400, 412 and 416. Throws errors that name the object. */
  async get<T>(question: Question, use: (answer: Answer) => T): Promise<T> {
    // of the server that was asked last
    let host = '';
    const onHost: OnHost = (url) => {
      host = url.host;
    };
    const attempt = async () => use(await this.#attempt(question, onHost));
    const isKnown = () => question.stage !== 'finding' || this.#reached.has(host);
    try {
      return await withRetries(attempt, {
        patience: this.#patience,
        totalMs: () => (isKnown() ? this.#patience.totalMs : this.#patience.firstContactMs),
        isTransient: (cause) => !this.#isClosed && isTransient(cause),
        onWait: (cause, elapsedMs, delayMs) => this.#tell(host, cause, elapsedMs, delayMs),
        sleep: (ms) => this.#sleeper.sleep(ms),
      });
    } catch (cause) {
      throw errorOf(cause, question, host);
    }
  }

  /** Ends what is under way with an error. */
  close(): void {
    this.#isClosed = true;
    this.#sleeper.wake(closed());
    this.#connections.close(closed());
  }

  async #attempt(question: Question, onHost: OnHost): Promise<Answer> {
    if (this.#isClosed) throw closed();
    const answer = await this.#answer(question, onHost);
    const { status } = answer;
    if (isBusy(status)) throw new Transient(`HTTP ${status}`, retryAfter(answer.headers));
    if (status >= 400 && status !== 412 && status !== 416)
      throw refusal(question.stage, question.url, status, errorCode(answer));
    return answer;
  }

  /** Straight from where the object was found before, as long as that is valid. */
  async #answer(question: Question, onHost: OnHost): Promise<Answer> {
    const { url, headers, place, isObject } = question;
    if (!isObject) return this.#follow(question, onHost);
    const search = this.#searches.get(url);
    if (search !== undefined) await search.catch(() => {});
    const location = this.#locations.get(url);
    if (location !== undefined) {
      const answer = await this.#send({ url: location, headers }, question, onHost);
      if (isOf(answer)) return { ...answer, ownHeaders: answer.headers };
      // a signature has expired, say; another request may know the next one
      if (this.#locations.get(url) !== location) return this.#answer(question, onHost);
      this.#locations.delete(url);
    }
    if (!place.isSentOn) return this.#follow(question, onHost);
    if (this.#searches.has(url)) return this.#answer(question, onHost);
    const found = this.#follow(question, onHost).finally(() => this.#searches.delete(url));
    this.#searches.set(url, found);
    return found;
  }

  async #follow(question: Question, onHost: OnHost): Promise<Answer> {
    const { url, place, headers } = question;
    let target = await place.target(headers);
    let response = await this.#send(target, question, onHost);
    if (place.tellsBetter?.(response)) {
      target = await place.target(headers);
      response = await this.#send(target, question, onHost);
    }
    const { origin } = target.url;
    let ownHeaders = response.headers;
    for (let i = 0; i < MAX_REDIRECTS; i++) {
      const next = redirection(response, target.url);
      if (next === undefined) {
        // what the same server has elsewhere may need the credentials
        const isElsewhere = question.isObject && target.url.origin !== origin;
        if (isElsewhere && response.status < 300) this.#locations.set(url, target.url);
        return { ...response, ownHeaders };
      }
      // credentials are for the server that they were made for
      target = { url: next, headers: next.origin === target.url.origin ? target.headers : headers };
      response = await this.#send(target, question, onHost);
      if (next.origin === origin) ownHeaders = response.headers;
    }
    throw failure(question.stage, 'REMOTE_REFUSED', `${url}: more than ${MAX_REDIRECTS - 1} redirections`);
  }

  async #send({ url, headers }: Target, { maxBytes }: Question, onHost: OnHost) {
    onHost(url);
    const response = await this.#connections.get({
      url,
      // compressed bytes would be no ranges of the object
      headers: { 'accept-encoding': 'identity', 'user-agent': 'millrace', ...headers },
      maxBytes: Math.max(maxBytes, ERROR_BYTES),
    });
    this.#reached.add(url.host);
    if (!isBusy(response.status)) settled(subjectOf(url.host));
    return response;
  }

  /** Before a wait: whoever is not answered for longer than the notice says has heard of it by then. */
  #tell(host: string, cause: unknown, elapsedMs: number, delayMs: number): void {
    if (elapsedMs + delayMs < this.#patience.noticeMs) return;
    if (!isFirstToTell(subjectOf(host), Date.now() - elapsedMs)) return;
    this.#onMessage(`${host}: ${inWords(cause)}; trying again for ${this.#patience.totalMs / 1000} s`);
  }
}

const subjectOf = (host: string): string => `server ${host}`;

const transientCodes = new Set([
  ...['ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'SILENCE', 'HPE_INVALID_EOF_STATE'],
  ...[
    'EHOSTUNREACH',
    'EHOSTDOWN',
    'ENETUNREACH',
    'ENETDOWN',
    'EADDRNOTAVAIL',
    'EAI_AGAIN',
    'ENOTFOUND',
    'PROXY_BUSY',
  ],
]);

function isTransient(cause: unknown): boolean {
  if (cause instanceof Transient) return true;
  return cause instanceof Error && transientCodes.has(String((cause as NodeJS.ErrnoException).code));
}

/** Whether the answer is of the object itself, rather than of the way to it. */
const isOf = ({ status }: HttpResponse): boolean =>
  status < 300 || status === 412 || status === 416 || isBusy(status);

const isBusy = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/** Seconds, or a date. */
function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(ms, 0) : undefined;
}

function redirection({ status, headers }: HttpResponse, from: URL): URL | undefined {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  const next = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  return next !== undefined && /^https?:$/.test(next.protocol) ? next : undefined;
}

/** What S3 or the hub call the error. Nothing else of the answer: it may quote what was signed. */
function errorCode({ headers, body }: HttpResponse): string {
  const code = headers['x-error-code'] ?? /<Code>(.*?)<\/Code>/.exec(body?.toString('latin1') ?? '')?.[1];
  return typeof code === 'string' && /^[A-Za-z]{1,64}$/.test(code) ? code : '';
}

/** A fault in the code stays what it is. */
function errorOf(cause: unknown, { stage, url }: Question, host: string): unknown {
  if (cause instanceof MillraceError || cause instanceof TypeError) return cause;
  if (cause instanceof Unreachable) {
    const { attempts, elapsedMs } = cause;
    const tried = `${attempts} attempts in ${(elapsedMs / 1000).toFixed(1)} s`;
    const message = `${url}: ${host} cannot be reached (${tried}, the last: ${inWords(cause.cause)})`;
    return failure(stage, 'REMOTE_UNREACHABLE', message, cause.cause);
  }
  return failure(stage, 'REMOTE_UNREACHABLE', `${url}: ${host} cannot be reached: ${inWords(cause)}`, cause);
}

/** Node's error of several addresses has no message of its own. */
function inWords(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause instanceof AggregateError ? (cause.errors[0] as Error | undefined) : undefined;
  return cause.message || inner?.message || String((cause as NodeJS.ErrnoException).code);
}
