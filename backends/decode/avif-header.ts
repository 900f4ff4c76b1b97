import type { ImageHeader } from './image-header.ts';

/** What a file says of its primary image. */
export interface Avif {
  /** Of the coded pixels. */
  readonly width: number;
  readonly height: number;
  readonly quarterTurns: number;
  /** Where the file says that its image is to be cut (`clap`). */
  readonly cuts: readonly PropertyUse[];
  /** Whether colours were multiplied by alpha. */
  readonly isPremultiplied: boolean;
}

/** An item's use of a property: its number, in one byte or two at `at`. */
interface PropertyUse {
  readonly at: number;
  readonly bytes: number;
  readonly index: number;
}

/**
 * Size of an AVIF file's primary image. The decoder turns the image as the file says, so the size given is that after
 * turning; it does not cut it (avif.ts).
 */
export function readAvifHeader(bytes: Buffer): Omit<ImageHeader, 'format'> {
  const { width, height, quarterTurns } = readAvif(bytes);
  return quarterTurns & 1
    ? { width: height, height: width, orientation: 1 }
    : { width, height, orientation: 1 };
}

/**
 * ISO/IEC 23008-12: the `meta` box names the primary item (`pitm`), lists properties (`ipco`), says which of them each
 * item has (`ipma`), and what items are to each other (`iref`).
 */
export function readAvif(bytes: Buffer): Avif {
  const meta = contentOf(bytes, 'meta').subarray(4);
  const properties = contentOf(meta, 'iprp');
  const all = [...boxes(contentOf(properties, 'ipco'))];
  const item = primaryItem(contentOf(meta, 'pitm'));
  const ipma = contentOf(properties, 'ipma');
  const own = propertiesOf(ipma, item);
  const typed = own.map((use) => ({ use, ...all[use.index - 1] }));
  const contentOfOwn = (wanted: string) => typed.find(({ type }) => type === wanted)?.content;
  const extent = required(contentOfOwn('ispe'));
  const start = ipma.byteOffset - bytes.byteOffset;
  return {
    width: extent.readUInt32BE(4),
    height: extent.readUInt32BE(8),
    quarterTurns: contentOfOwn('irot')?.readUInt8(0) ?? 0,
    cuts: typed.filter(({ type }) => type === 'clap').map(({ use }) => ({ ...use, at: start + use.at })),
    isPremultiplied: isPremultiplied(meta, item),
  };
}

interface Box {
  readonly type: string;
  readonly content: Buffer;
}

/** The boxes in `bytes`, one after the other. A length of 0 means up to the end, of 1 that it follows as 64 bits. */
function* boxes(bytes: Buffer): Generator<Box> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const declared = bytes.readUInt32BE(at);
    const head = declared === 1 ? 16 : 8;
    const length = declared === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : declared || bytes.length - at;
    yield { type: bytes.toString('latin1', at + 4, at + 8), content: bytes.subarray(at + head, at + length) };
    at += Math.max(length, head);
  }
}

const findContent = (bytes: Buffer, type: string): Buffer | undefined =>
  [...boxes(bytes)].find((box) => box.type === type)?.content;

const contentOf = (bytes: Buffer, type: string): Buffer => required(findContent(bytes, type));

const primaryItem = (pitm: Buffer): number =>
  pitm.readUInt8(0) === 0 ? pitm.readUInt16BE(4) : pitm.readUInt32BE(4);

/** The properties of an item, by their numbers from 1 on. */
function propertiesOf(ipma: Buffer, item: number): PropertyUse[] {
  const idBytes = ipma.readUInt8(0) === 0 ? 2 : 4;
  const bytes = ipma.readUInt8(3) & 1 ? 2 : 1;
  let at = 8;
  for (let entries = ipma.readUInt32BE(4); entries > 0; entries--) {
    const id = ipma.readUIntBE(at, idBytes);
    const count = ipma.readUInt8(at + idBytes);
    at += idBytes + 1;
    if (id === item) return Array.from({ length: count }, (_, i) => readUse(ipma, at + i * bytes, bytes));
    at += count * bytes;
  }
  return [];
}

/** The top bit says whether a reader must understand the property. */
const readUse = (ipma: Buffer, at: number, bytes: number): PropertyUse => ({
  at,
  bytes,
  index: ipma.readUIntBE(at, bytes) & (bytes === 2 ? 0x7fff : 0x7f),
});

/** Whether the item refers to its alpha by `prem`. */
function isPremultiplied(meta: Buffer, item: number): boolean {
  const references = findContent(meta, 'iref');
  if (references === undefined) return false;
  const idBytes = references.readUInt8(0) === 0 ? 2 : 4;
  return [...boxes(references.subarray(4))].some(
    ({ type, content }) => type === 'prem' && content.readUIntBE(0, idBytes) === item,
  );
}

/** A box that is not there is taken for one that was cut off. */
function required<T>(found: T | undefined): T {
  if (found === undefined) throw new RangeError('a box is missing');
  return found;
}
