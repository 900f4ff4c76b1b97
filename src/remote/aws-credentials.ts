import { createRequire } from 'node:module';
import { BackendError, reasonOf } from '../core/errors.ts';
import { credentialIn, type Environment } from './environment.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}

type Provider = () => Promise<AwsCredentials>;

/** Renewed so long before they expire. */
const RENEWAL_MS = 5 * 60_000;
/** An optional peer: profiles, SSO, web identity, roles of containers and machines. */
const PROVIDERS = '@aws-sdk/credential-providers';

/** Credentials of the environment, else of AWS's own chain where that is installed, else none: public buckets. */
export class AwsCredentialSource {
  readonly #environment: Environment;
  readonly #provider: () => Promise<Provider | undefined>;
  #current: Promise<AwsCredentials | undefined> | undefined;

  /** `provider`: AWS's chain, where there is one. */
  constructor(environment: Environment, provider: () => Promise<Provider | undefined> = installedChain) {
    this.#environment = environment;
    this.#provider = provider;
  }

  async get(): Promise<AwsCredentials | undefined> {
    const current = this.#current ?? this.#renew();
    const credentials = await current;
    const leftMs = Number(credentials?.expiration ?? Number.POSITIVE_INFINITY) - Date.now();
    if (leftMs > RENEWAL_MS) return credentials;
    // of many requests at a time, one renews them
    const renewed = this.#current === current ? this.#renew() : this.#current;
    return leftMs > 0 ? renewed?.catch(() => credentials) : renewed;
  }

  #renew(): Promise<AwsCredentials | undefined> {
    const before = this.#current;
    const renewed = this.#find();
    this.#current = renewed;
    renewed.catch(() => {
      if (this.#current === renewed) this.#current = before;
    });
    return renewed;
  }

  async #find(): Promise<AwsCredentials | undefined> {
    const accessKeyId = credentialIn(this.#environment, 'AWS_ACCESS_KEY_ID');
    const secretAccessKey = credentialIn(this.#environment, 'AWS_SECRET_ACCESS_KEY');
    const sessionToken = credentialIn(this.#environment, 'AWS_SESSION_TOKEN');
    if (accessKeyId !== undefined && secretAccessKey !== undefined)
      return { accessKeyId, secretAccessKey, sessionToken };
    try {
      return await (await this.#provider())?.();
    } catch (cause) {
      // a public bucket needs none
      if (/from any providers$/.test(reasonOf(cause))) return undefined;
      throw new BackendError('ACCESS_DENIED', `${PROVIDERS}: ${reasonOf(cause)}`, { cause });
    }
  }
}

async function installedChain(): Promise<Provider | undefined> {
  if (!isInstalled()) return undefined;
  const chain = (await import(PROVIDERS)) as { readonly fromNodeProviderChain: () => Provider };
  return chain.fromNodeProviderChain();
}

/** Bundlers and test runners answer an import of what is missing each in their own way. */
function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve(PROVIDERS);
    return true;
  } catch {
    return false;
  }
}
