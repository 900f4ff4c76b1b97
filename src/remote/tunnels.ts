import type { ClientRequest } from 'node:http';
import { request as httpRequest } from 'node:http';
import {
  type AgentOptions,
  Agent as HttpsAgent,
  request as httpsRequest,
  type RequestOptions,
} from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';
import type { HttpProxy } from './proxy.ts';
import { silence } from './silence-clock.ts';

type OnSocket = NonNullable<Parameters<HttpsAgent['createConnection']>[1]>;
/** Where there is an error, Node looks at no socket. */
const none = undefined as unknown as Duplex;

/** What Node hands to `createConnection`. */
interface Destination extends ConnectionOptions {
  readonly host: string;
  readonly port: number;
}

/**
 * Connections to servers of https through a proxy, which is asked for a tunnel (CONNECT) and sees no more than their names.
 */
export class TunnelAgent extends HttpsAgent {
  readonly #proxy: HttpProxy;
  readonly #silenceMs: number;
  readonly #asking = new Set<ClientRequest>();

  /** `silenceMs`: a proxy that answers nothing for so long is given up. */
  constructor(proxy: HttpProxy, silenceMs: number, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#silenceMs = silenceMs;
  }

  /** Node takes the socket from the callback where none is returned. */
  override createConnection(options: RequestOptions, onSocket?: OnSocket): undefined {
    this.#connect(options as Destination, onSocket as OnSocket);
  }

  override destroy(): void {
    for (const asked of this.#asking) asked.destroy();
    super.destroy();
  }

  #connect(destination: Destination, onSocket: OnSocket): void {
    const { url, headers } = this.#proxy;
    const path = `${destination.host.includes(':') ? `[${destination.host}]` : destination.host}:${destination.port}`;
    const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const asked = ask(url, { method: 'CONNECT', path, headers: { ...headers, host: path }, agent: false });
    this.#asking.add(asked);
    const fail = (cause: Error): void => {
      if (!this.#asking.delete(asked)) return;
      onSocket(cause, none);
      asked.destroy();
    };
    asked.setTimeout(this.#silenceMs, () => fail(proxyError(this.#proxy, silence(this.#silenceMs))));
    asked.on('error', (cause) => fail(proxyError(this.#proxy, cause)));
    asked.on('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode >= 300) return fail(proxyRefusal(this.#proxy, statusCode));
      this.#asking.delete(asked);
      asked.setTimeout(0);
      onSocket(null, connect({ ...destination, socket }));
    });
    asked.end();
  }
}

/** The proxy's answer in place of the server's. A proxy that may do better soon is asked again. */
export function proxyRefusal({ url }: HttpProxy, status: number): Error {
  const advice = status === 407 ? '; HTTPS_PROXY or HTTP_PROXY must name user and password' : '';
  const message = `the proxy ${url.host} refuses the connection (HTTP ${status}${advice})`;
  return Object.assign(new Error(message), { code: status >= 500 ? 'PROXY_BUSY' : 'PROXY_REFUSED' });
}

/** Says that it was the proxy which could not be reached. */
export const proxyError = ({ url }: HttpProxy, cause: Error & { readonly code?: string }): Error =>
  Object.assign(new Error(`the proxy ${url.host}: ${cause.message || cause.code}`), { code: cause.code });
