import { basename, dirname, join } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { foldersIn, listFolder } from './folders.ts';

/** A format that people have images in, and that no dataset here reads. */
interface UnreadFormat {
  readonly name: string;
  /** Of files' names, with the folder's before a slash. */
  readonly names: RegExp;
  /** How its files begin, in hexadecimal. */
  readonly magic?: RegExp;
  readonly remedy: string;
}

const asFiles = 'write its images as <class>/<image> files or as WebDataset shards';

const formats: readonly UnreadFormat[] = [
  { name: 'Arrow', names: /\.arrow$/i, magic: /^4152524f5731/, remedy: asFiles },
  {
    name: 'a NumPy array',
    names: /\.npy$/i,
    magic: /^934e554d5059/,
    remedy: 'write it with its classes by numpy.savez(FILE, images=..., labels=...)',
  },
  {
    name: "CIFAR's Python version",
    names: /(^|\/)(data_batch_\d+|test_batch|batches\.meta)$|cifar[^/]*\/(train|test|meta)$/i,
    remedy: 'download its binary version (cifar-10-binary.tar.gz, cifar-100-binary.tar.gz)',
  },
  { name: 'a Python pickle', names: /\.(pkl|pickle)$/i, magic: /^800[2345]/, remedy: asFiles },
  {
    name: 'a compressed list',
    names: /\.(csv|tsv|jsonl|ndjson|txt|lst)\.(gz|zst|bz2|xz)$/i,
    remedy: 'unpack it (gunzip FILE.gz)',
  },
  {
    name: 'zip',
    names: /\.zip$/i,
    magic: /^504b0304/,
    remedy: 'unpack it (unzip FILE.zip -d FOLDER) and name the folder',
  },
];

/** Refuses a file in a format that is known, and a folder that holds one, by the format's name. */
export function refuseUnread(path: string, isFolder: boolean, head: Buffer): void {
  const [file, format] = isFolder ? (inFolder(path) ?? []) : [path, formatNamed(path) ?? formatOf(head)];
  if (format === undefined) return;
  const { name, remedy } = format;
  const is = file === path ? 'is' : `holds ${file}, which is`;
  const hint = 'docs/data.md, "Other formats", says how';
  throw new DataError('UNREAD_FORMAT', `${path}: ${is} ${name}: not read yet; ${remedy} (${hint})`);
}

/** The first file of a known format in a folder or in one of its folders. */
function inFolder(path: string): [file: string, UnreadFormat] | undefined {
  for (const folder of [path, ...foldersIn(path).map((name) => join(path, name))]) {
    for (const entry of listFolder(folder)) {
      const file = join(folder, entry.name);
      const format = entry.type.isFile() ? formatNamed(file) : undefined;
      if (format !== undefined) return [file, format];
    }
  }
  return undefined;
}

/** By the file's name, with its folder's. */
function formatNamed(path: string): UnreadFormat | undefined {
  const name = `${basename(dirname(path))}/${basename(path)}`;
  return formats.find(({ names }) => names.test(name));
}

const formatOf = (head: Buffer): UnreadFormat | undefined =>
  formats.find(({ magic }) => magic?.test(head.toString('hex')));

const remedies: Readonly<Record<string, (url: string) => string>> = {
  gs: (url) =>
    `Google's storage speaks S3: name ${url.replace(/^gs:/i, 's3:')} and set AWS_ENDPOINT_URL_S3=https://storage.googleapis.com`,
};

/** Refuses an address that is not read, which would otherwise be a file that is missing. */
export function refuseAddress(path: string): void {
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(path) ?? [];
  if (scheme === undefined) return;
  const remedy = remedies[scheme.toLowerCase()]?.(path) ?? 'download them, and name what lies on the disk';
  const reason = `data at ${scheme}:// are not read (https://, s3:// and hf://datasets/... are); ${remedy}`;
  throw new DataError('REMOTE_DATA', `${path}: ${reason}`);
}
