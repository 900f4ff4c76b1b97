import { AwsV4Signer } from 'aws4fetch';
import { ParameterError } from '../core/errors.ts';
import { AwsCredentialSource, type AwsCredentials } from './aws-credentials.ts';
import { type Environment, endpointIn } from './environment.ts';
import { describeByAnswer } from './http-origin.ts';
import type { Ask, Origin } from './origin.ts';
import type { Place, Target } from './question.ts';
import type { RemoteFile } from './remote-file.ts';
import { parseListing } from './s3-listing.ts';

interface S3Address {
  readonly bucket: string;
  readonly key: string;
}

type Headers = Readonly<Record<string, string>>;

/** Of a page of at most 1000 keys of 1 KiB each, escaped. */
const LISTING_BYTES = 16 * 2 ** 20;

/** Objects of Amazon S3, or of a server that speaks as it does (AWS_ENDPOINT_URL). */
export class S3Origin implements Origin {
  readonly isPinned = false;
  readonly #environment: Environment;
  readonly #credentials: AwsCredentialSource;
  /** Where buckets were found to lie. */
  readonly #regions = new Map<string, string>();
  /** Of derived keys, which hold for a day. */
  readonly #signingKeys = new Map<string, ArrayBuffer>();

  constructor(environment: Environment = process.env) {
    this.#environment = environment;
    this.#credentials = new AwsCredentialSource(environment);
  }

  plainUrl(url: string): string {
    addressOf(url);
    return url;
  }

  place(url: string): Place {
    const address = addressOf(url);
    if (address.key === '') throw notAnAddress(url);
    return this.#placeOf(address, encodedKey(address.key), '');
  }

  describe = describeByAnswer;

  async list(url: string, ask: Ask): Promise<readonly RemoteFile[]> {
    const { bucket, key } = addressOf(url.endsWith('/') ? url : `${url}/`);
    const files: RemoteFile[] = [];
    for (let token: string | undefined = ''; token !== undefined; ) {
      const query = new URLSearchParams({ 'list-type': '2', 'encoding-type': 'url', prefix: key });
      if (token !== '') query.set('continuation-token', token);
      const place = this.#placeOf({ bucket, key }, '', `?${query}`);
      const page = await ask(
        { stage: 'finding', url, isObject: false, place, headers: {}, maxBytes: LISTING_BYTES },
        ({ body }) => parseListing(url, body),
      );
      for (const { key, ...file } of page.objects) files.push({ url: `s3://${bucket}/${key}`, ...file });
      token = page.next;
    }
    return files;
  }

  #placeOf({ bucket }: S3Address, path: string, search: string): Place {
    return {
      target: (headers) => this.#sign(bucket, path, search, headers),
      tellsBetter: ({ status, headers }) => {
        const region = headers['x-amz-bucket-region'];
        const isElsewhere = [301, 307, 400, 403].includes(status) && this.#endpoint === undefined;
        if (!isElsewhere || typeof region !== 'string' || region === this.#regionOf(bucket)) return false;
        this.#regions.set(bucket, region);
        return true;
      },
    };
  }

  async #sign(bucket: string, path: string, search: string, headers: Headers): Promise<Target> {
    const url = `${this.#rootOf(bucket)}/${path}${search}`;
    const credentials = await this.#credentials.get();
    if (credentials === undefined) return { url: new URL(url), headers };
    return sign(url, headers, credentials, this.#regionOf(bucket), this.#signingKeys);
  }

  #rootOf(bucket: string): string {
    if (this.#endpoint !== undefined) return `${this.#endpoint}/${bucket}`;
    const host = `s3.${this.#regionOf(bucket)}.amazonaws.com`;
    // a certificate for *.s3.amazonaws.com holds for one name without dots
    return bucket.includes('.') ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
  }

  #regionOf(bucket: string): string {
    const { AWS_REGION, AWS_DEFAULT_REGION } = this.#environment;
    return this.#regions.get(bucket) || AWS_REGION || AWS_DEFAULT_REGION || 'us-east-1';
  }

  get #endpoint(): string | undefined {
    return endpointIn(this.#environment, ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL']);
  }
}

async function sign(
  url: string,
  headers: Headers,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  region: string,
  cache: Map<string, ArrayBuffer>,
): Promise<Target> {
  const signer = new AwsV4Signer({
    ...{ url, headers: { ...headers }, accessKeyId, secretAccessKey, service: 's3', region, cache },
    ...(sessionToken !== undefined && { sessionToken }),
  });
  const signed = await signer.sign();
  return { url: signed.url, headers: Object.fromEntries(signed.headers) };
}

function addressOf(url: string): S3Address {
  const [, bucket, key = ''] = /^s3:\/\/([a-z0-9][a-z0-9._-]+)(?:\/(.*))?$/is.exec(url) ?? [];
  if (bucket === undefined) throw notAnAddress(url);
  // URLs cannot say these, as names of folders they mean others
  if (key.split('/').some((part) => part === '.' || part === '..')) throw notAnAddress(url);
  return { bucket, key };
}

const notAnAddress = (url: string): ParameterError =>
  new ParameterError('INVALID_OPTION', `${url}: expected s3://bucket/key, without . and .. in the key`);

/** By RFC 3986, as signatures have it: `encodeURIComponent` leaves some characters as they are. */
export const encodedKey = (key: string): string =>
  encodeURIComponent(key)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/');
