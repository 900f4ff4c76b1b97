import { BlockList, isIP, isIPv4 } from 'node:net';
import { ParameterError } from '../core/errors.ts';
import { decoded, type Environment } from './environment.ts';

/** What requests are sent through. */
export interface HttpProxy {
  readonly url: URL;
  /** The `proxy-authorization` header, where it wants one. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The proxies that the environment names, as curl reads it: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case. */
export class Proxies {
  readonly #https: HttpProxy | undefined;
  readonly #http: HttpProxy | undefined;
  readonly #isExcepted: (url: URL) => boolean;

  /** Throws a ParameterError, which does not quote the value, where one is no address of a proxy. */
  constructor(environment: Environment) {
    this.#https = proxyIn(environment, ['https_proxy', 'HTTPS_PROXY']);
    // a web server would make of a client's header `Proxy` a variable HTTP_PROXY: where it runs programs, the other counts alone
    const names = environment['REQUEST_METHOD'] === undefined ? ['http_proxy', 'HTTP_PROXY'] : ['http_proxy'];
    this.#http = proxyIn(environment, names);
    this.#isExcepted = exceptionsIn(environment['no_proxy'] ?? environment['NO_PROXY'] ?? '');
  }

  /** Undefined: the server is asked itself. */
  of(url: URL): HttpProxy | undefined {
    const proxy = url.protocol === 'https:' ? this.#https : this.#http;
    return proxy === undefined || isThisMachine(url) || this.#isExcepted(url) ? undefined : proxy;
  }
}

function proxyIn(environment: Environment, names: readonly string[]): HttpProxy | undefined {
  const name = names.find((one) => environment[one]?.trim());
  if (name === undefined) return undefined;
  const value = (environment[name] as string).trim();
  // without a scheme it is one of HTTP
  const address = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new ParameterError(
      'INVALID_OPTION',
      `${name}: expected a proxy's address such as http://host:3128`,
    );
  const { username, password } = url;
  const pair = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64');
  const headers = username + password === '' ? {} : { 'proxy-authorization': `Basic ${pair}` };
  return { url: new URL(url.origin), headers };
}

/** A proxy on another machine would look for them there. */
const isThisMachine = ({ hostname }: URL): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  hostname === '[::1]' ||
  (isIPv4(hostname) && hostname.startsWith('127.'));

/** Of a list with commas: names with all that end in them, addresses, networks such as 10.0.0.0/8, each with a port or without; or `*`. */
function exceptionsIn(list: string): (url: URL) => boolean {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== '');
  if (entries.includes('*')) return () => true;
  const networks = new BlockList();
  for (const entry of entries) {
    const [address = '', bits = ''] = entry.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    const isNetwork =
      isIP(address) !== 0 && /^\d+$/.test(bits) && Number(bits) <= (family === 'ipv4' ? 32 : 128);
    if (isNetwork) networks.addSubnet(address, Number(bits), family);
  }
  return ({ hostname, port, protocol }) => {
    const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
    const ownPort = port || (protocol === 'https:' ? '443' : '80');
    if (isIP(host) !== 0 && networks.check(host, isIPv4(host) ? 'ipv4' : 'ipv6')) return true;
    return entries.some((entry) => isNamed(entry.toLowerCase(), host, ownPort));
  };
}

function isNamed(entry: string, host: string, port: string): boolean {
  const [, name = '', ownPort] = /^(\[[^\]]*\]|[^:]*|.*:.*:[^\]]*)(?::(\d+))?$/.exec(entry) ?? [];
  if (ownPort !== undefined && ownPort !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return bare !== '' && (host === bare || host.endsWith(`.${bare}`));
}
