import { decoded } from './environment.ts';
import { failure } from './remote-errors.ts';
import type { RemoteFile } from './remote-file.ts';

interface Listing {
  readonly objects: readonly (Omit<RemoteFile, 'url'> & { readonly key: string })[];
  /** Of the page that follows. */
  readonly next: string | undefined;
}

/** A page of S3's ListObjectsV2. Placeholders for folders are left out. */
export function parseListing(url: string, body: Buffer | undefined): Listing {
  const xml = body?.toString('utf8') ?? '';
  if (!xml.includes('<ListBucketResult'))
    throw failure('finding', 'REMOTE_REFUSED', `${url}: the server's list of objects cannot be read`);
  const isEncoded = textOf(xml, 'EncodingType') === 'url';
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, entry = '']) => {
    const key = textOf(entry, 'Key') ?? '';
    return {
      key: isEncoded ? decoded(key.replaceAll('+', ' ')) : key,
      size: Number(textOf(entry, 'Size')),
      etag: textOf(entry, 'ETag'),
    };
  });
  return {
    objects: objects.filter(({ key, size }) => size > 0 || !key.endsWith('/')),
    next: textOf(xml, 'IsTruncated') === 'true' ? textOf(xml, 'NextContinuationToken') : undefined,
  };
}

function textOf(xml: string, element: string): string | undefined {
  const text = new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(xml)?.[1];
  return text?.replace(/&(#x?[0-9a-f]+|\w+);/gi, (whole, name: string) => characterOf(name) ?? whole);
}

function characterOf(name: string): string | undefined {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  if (!name.startsWith('#')) return named[name];
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return String.fromCodePoint(code);
}
