import { field, varint } from './tf-records.ts';

/** A caffe.Datum of an encoded image. */
export const datumOf = (image: Uint8Array, label: number): Buffer =>
  Buffer.concat([field(4, image), number(5, label), number(7, 1)]);

const number = (name: number, value: number): Buffer => Buffer.concat([varint(name * 8), varint(value)]);

const PAGE = 4096;
const [LEAF, OVERFLOW, META] = [2, 4, 8];

/** An LMDB of format 1 with these entries, which are in the order of their keys and fit, but for the values, on one page. */
export function lmdbOf(entries: readonly (readonly [key: string, value: Uint8Array])[]): Buffer {
  const leaf = page(2, LEAF);
  const overflows: Buffer[] = [];
  let [next, upper] = [3, PAGE];
  for (const [at, [key, value]] of entries.entries()) {
    const pages = Math.ceil((16 + value.length) / PAGE);
    upper -= 8 + key.length + 8 + ((key.length + 16) % 2);
    leaf.writeUInt16LE(upper, 16 + 2 * at);
    leaf.writeUInt32LE(value.length, upper);
    leaf.writeUInt16LE(1, upper + 4);
    leaf.writeUInt16LE(key.length, upper + 6);
    leaf.write(key, upper + 8);
    leaf.writeBigUInt64LE(BigInt(next), upper + 8 + key.length);
    const overflow = Buffer.concat([page(next, OVERFLOW).subarray(0, 16), value], pages * PAGE);
    overflow.writeUInt32LE(pages, 12);
    overflows.push(overflow);
    next += pages;
  }
  leaf.writeUInt16LE(16 + 2 * entries.length, 12);
  leaf.writeUInt16LE(upper, 14);
  const metas = [0, 1].map((number) => meta(number, entries.length, next - 1));
  return Buffer.concat([...metas, leaf, ...overflows]);
}

function page(number: number, flags: number): Buffer {
  const bytes = Buffer.alloc(PAGE);
  bytes.writeBigUInt64LE(BigInt(number));
  bytes.writeUInt16LE(flags, 10);
  return bytes;
}

/** One of the two pages that describe the file: all entries are on page 2. */
function meta(number: number, entries: number, lastPage: number): Buffer {
  const bytes = page(number, META);
  bytes.writeUInt32LE(0xbeefc0de, 16);
  bytes.writeUInt32LE(1, 20);
  bytes.writeUInt32LE(PAGE, 40);
  bytes.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, 80);
  bytes.writeUInt16LE(1, 88 + 6);
  bytes.writeBigUInt64LE(BigInt(entries), 88 + 32);
  bytes.writeBigUInt64LE(2n, 88 + 40);
  bytes.writeBigUInt64LE(BigInt(lastPage), 136);
  bytes.writeBigUInt64LE(BigInt(number), 144);
  return bytes;
}
