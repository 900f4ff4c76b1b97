import { posix } from 'node:path';
import { isRemote } from '../../remote/remote-file.ts';
import { writtenPath } from '../opening/file-path.ts';

/** An address without a slash at its end. */
export const withoutSlash = (address: string): string => address.replace(/\/+$/, '');

/** The folder that an object is in; who may read it is kept, but not a signature, which is of that object alone. */
export const addressOfFolder = (address: string): string =>
  withoutSlash(address.replace(/[?#].*$/s, '').replace(/[^/]*$/, ''));

/** The key of an image at an address: where that is in the root, the path behind it, as a list would name it. */
export function keyOfAddress(address: string, root: string): string {
  if (!isRemote(root) || !address.startsWith(`${root}/`)) return address;
  const path = address.slice(root.length + 1);
  if (!address.startsWith('http')) return path;
  // of a slash within a name, no key could say it
  if (/%2f/i.test(path)) return address;
  try {
    return decodeURIComponent(path);
  } catch {
    return address;
  }
}

/** Where the image of a key is: at an address itself, or in the root at one. */
export function addressIn(root: string, key: string): string {
  if (isRemote(key)) return key;
  const [, host = '', path = '/'] = /^([a-z0-9]+:\/\/[^/]+)(\/.*)?$/is.exec(root) ?? [];
  return host + posix.join(path, root.startsWith('http') ? encodedPath(key) : key);
}

const encodedPath = (path: string): string => path.split('/').map(encodedName).join('/');

/** A byte that is no UTF-8 stands in keys as \xe9. */
function encodedName(name: string): string {
  if (!/\\x[0-9a-f]{2}/.test(name)) return encodeURIComponent(name);
  const bytes = Buffer.from(writtenPath(name) as Uint8Array);
  return [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');
}
