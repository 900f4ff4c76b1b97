import { ParameterError } from '../core/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A key or token, without the line break that files and pipes add. Whoever sends it would quote it in an error where a header
 * cannot hold it, so it is refused here.
 */
export function credentialIn(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  if (!value) return undefined;
  if (/^[!-~]+$/.test(value)) return value;
  throw new ParameterError(
    'INVALID_OPTION',
    `${name}: has spaces, line breaks or other characters that no credential has`,
  );
}

/** The address of a server: the first of these variables that is set. */
export function endpointIn(environment: Environment, names: readonly string[]): string | undefined {
  const name = names.find((one) => environment[one]);
  if (name === undefined) return undefined;
  const value = (environment[name] as string).trim();
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username + url.password + url.search !== '')
    throw new ParameterError(
      'INVALID_OPTION',
      `${name}: expected an address such as https://host:port, without user and query`,
    );
  return url.href.replace(/\/+$/, '');
}

/** Of `%20` and the like; what is no such text stays as it is. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
