import { BackendError, reasonOf } from '../core/errors.ts';

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
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #provider: () => Promise<Provider | undefined>;
  #current: Promise<AwsCredentials | undefined> | undefined;

  /** `provider`: AWS's chain, where there is one. */
  constructor(
    environment: Readonly<Record<string, string | undefined>>,
    provider: () => Promise<Provider | undefined> = installedChain,
  ) {
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
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = this.#environment;
    if (AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY)
      return {
        ...{ accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
        sessionToken: AWS_SESSION_TOKEN || undefined,
      };
    try {
      return await (await this.#provider())?.();
    } catch (cause) {
      // nobody has any: a public bucket needs none
      if ((cause as { readonly tryNextLink?: unknown }).tryNextLink === true) return undefined;
      throw new BackendError('ACCESS_DENIED', `${PROVIDERS}: ${reasonOf(cause)}`, { cause });
    }
  }
}

async function installedChain(): Promise<Provider | undefined> {
  try {
    const { fromNodeProviderChain } = (await import(PROVIDERS)) as {
      readonly fromNodeProviderChain: () => Provider;
    };
    return fromNodeProviderChain();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw cause;
  }
}
