import type { ImageHeader } from './image-header.ts';

/**
 * Size of an AVIF file's primary image (ISO/IEC 23008-12): the `meta` box names the primary item (`pitm`), lists
 * properties (`ipco`) and says which of them each item has (`ipma`). The decoder turns the image as the file says, so
 * the size given is that after turning.
 */
export function readAvifHeader(bytes: Buffer): Omit<ImageHeader, 'format'> {
  const meta = contentOf(bytes, 'meta').subarray(4);
  const properties = contentOf(meta, 'iprp');
  const all = [...boxes(contentOf(properties, 'ipco'))];
  const own = propertiesOf(contentOf(properties, 'ipma'), primaryItem(contentOf(meta, 'pitm'))).map(
    (i) => all[i - 1],
  );
  const extent = required(own.find((box) => box?.type === 'ispe')).content;
  const width = extent.readUInt32BE(4);
  const height = extent.readUInt32BE(8);
  const quarterTurns = own.find((box) => box?.type === 'irot')?.content.readUInt8(0) ?? 0;
  return quarterTurns & 1
    ? { width: height, height: width, orientation: 1 }
    : { width, height, orientation: 1 };
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

const contentOf = (bytes: Buffer, type: string): Buffer =>
  required([...boxes(bytes)].find((box) => box.type === type)).content;

const primaryItem = (pitm: Buffer): number =>
  pitm.readUInt8(0) === 0 ? pitm.readUInt16BE(4) : pitm.readUInt32BE(4);

/** Numbers, from 1, of the properties of an item. */
function propertiesOf(ipma: Buffer, item: number): number[] {
  const idBytes = ipma.readUInt8(0) === 0 ? 2 : 4;
  const indexBytes = ipma.readUInt8(3) & 1 ? 2 : 1;
  let at = 8;
  for (let entries = ipma.readUInt32BE(4); entries > 0; entries--) {
    const id = ipma.readUIntBE(at, idBytes);
    const count = ipma.readUInt8(at + idBytes);
    at += idBytes + 1;
    // the top bit says whether a reader must understand the property
    const indices = Array.from({ length: count }, (_, i) => ipma.readUIntBE(at + i * indexBytes, indexBytes));
    if (id === item) return indices.map((index) => index & (indexBytes === 2 ? 0x7fff : 0x7f));
    at += count * indexBytes;
  }
  return [];
}

/** A box that is not there is taken for one that was cut off. */
function required(box: Box | undefined): Box {
  if (box === undefined) throw new RangeError('a box is missing');
  return box;
}
