import { posix } from 'node:path';
import { crc32 } from 'node:zlib';
import { identityOf, type RemoteFile } from '../../remote/remote-file.ts';
import type { ByteWindow } from '../pieces/file-window.ts';
import { cacheFolder, hashOf, KEPT_ENDING, keep, readKept } from './kept-files.ts';

/** What is listed of a file, and how it is kept. */
export interface ListFormat<Item, Packed = unknown> {
  /** Differs wherever other items, or other packed ones, come of the same file: by a version, and by options. */
  readonly name: string;
  /** Gives the items of a file, and before what it has to wait for, a promise of that. */
  parse(file: ByteWindow): Generator<Item | Promise<void>>;
  /** Whether what was found in a file is kept. Default: it is. */
  isKept?(file: ByteWindow): boolean;
  /** As JSON. */
  pack(item: Item): Packed;
  unpack(packed: Packed): Item;
}

/** Another version of the format has another number, and is made anew. */
const MAGIC = 'millrace list 1\n';
const CRC_BYTES = 4;
/** More are not kept: as JSON they may be longer than a text may be. A shard has thousands. */
const MOST_ITEMS = 2_000_000;

/** What was found in an object before, as long as it is the same one; undefined where it is to be listed. */
export function keptList<Item>(file: RemoteFile, format: ListFormat<Item>): readonly Item[] | undefined {
  return readKept([placeOf(file, format)], (bytes) => {
    const start = MAGIC.length + CRC_BYTES;
    if (bytes.length < start || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
    const content = bytes.subarray(start);
    if (crc32(content) !== bytes.readUInt32LE(MAGIC.length)) return undefined;
    const { of, items } = JSON.parse(content.toString()) as Content;
    return of === stateOf(file, format) ? items.map((packed) => format.unpack(packed)) : undefined;
  });
}

interface Content {
  readonly of: string;
  readonly items: readonly unknown[];
}

/** `MAGIC`, the CRC-32 of what follows as u32, JSON. */
export function keepList<Item>(file: RemoteFile, format: ListFormat<Item>, items: readonly Item[]): void {
  if (items.length > MOST_ITEMS) return;
  const packed = items.map((item) => format.pack(item));
  const content = Buffer.from(JSON.stringify({ of: stateOf(file, format), items: packed } satisfies Content));
  const crc = Buffer.alloc(CRC_BYTES);
  crc.writeUInt32LE(crc32(content));
  keep([placeOf(file, format)], () => [Buffer.from(MAGIC), crc, content]);
}

const stateOf = (file: RemoteFile, { name }: Pick<ListFormat<unknown>, 'name'>): string =>
  `${name} of ${identityOf(file)}`;

/** One for each object, whatever its state: a replaced one leaves nothing behind. */
const placeOf = ({ url }: RemoteFile, { name }: Pick<ListFormat<unknown>, 'name'>): string =>
  `${cacheFolder('lists')}/${hashOf(`${name} ${url}`)}-${posix.basename(url)}${KEPT_ENDING}`;
