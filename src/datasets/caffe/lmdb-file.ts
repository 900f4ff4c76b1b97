import { DataError } from '../../core/errors.ts';
import type { FileWindow } from '../pieces/file-window.ts';
import type { Range } from '../wire-reader.ts';

/**
 * Files of LMDB 0.9 (data version 1), read in place: lmdb.h and mdb.c of that version have the layout. The library of the
 * store is of a later format, and ends the process at such a file.
 */
const [MAGIC, VERSION] = [0xbeefc0de, 1];
const HEADER_BYTES = 16;
const META_BYTES = 152;
/** Offsets in a page that describes the file, of which there are two, written in turn. */
const [MAGIC_AT, VERSION_AT, PAGE_SIZE_AT, MAIN_AT, TRANSACTION_AT] = [16, 20, 40, 88, 144];
/** Offsets in what such a page says of a database. */
const [DEPTH_AT, ENTRIES_AT, ROOT_AT] = [6, 32, 40];
const [BRANCH, LEAF, OVERFLOW] = [1, 2, 4];
const NODE_BYTES = 8;
/** Its value is on pages of its own. */
const BIG = 1;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
const LARGEST_PAGE = 65_536;

/** A key, and where its value is in the file. */
export interface LmdbEntry extends Range {
  readonly key: Buffer;
}

/** Whether a file that begins like this is one of LMDB 0.9. */
export const isLmdbHead = (head: Buffer): boolean =>
  head.length >= META_BYTES &&
  head.readUInt32LE(MAGIC_AT) === MAGIC &&
  head.readUInt32LE(VERSION_AT) === VERSION;

/** The entries of a file, in the order of their keys. */
export function* lmdbEntries(file: FileWindow): Generator<LmdbEntry> {
  const tree = openTree(file);
  if (tree.root === undefined) return;
  let count = 0;
  for (const entry of entriesBelow(file, tree, { page: tree.root, depth: 1 })) {
    count++;
    if (count > tree.entries) break;
    yield entry;
  }
  if (count !== tree.entries) throw damaged(file, `expected ${tree.entries} entries, got ${count}`);
}

interface Tree {
  readonly pageBytes: number;
  readonly root: number | undefined;
  readonly depth: number;
  readonly entries: number;
  /** Pages that were not visited yet: a damaged tree may lead to one again and again. */
  pagesLeft: number;
}

function openTree(file: FileWindow): Tree {
  const first = Buffer.from(file.view(0, META_BYTES));
  if (!isLmdbHead(first)) throw new DataError('NOT_AN_LMDB', `${file.path}: is not a file of LMDB 0.9`);
  const pageBytes = first.readUInt32LE(PAGE_SIZE_AT);
  if (pageBytes < 512 || pageBytes > LARGEST_PAGE) throw damaged(file, `its pages have ${pageBytes} bytes`);
  const second = file.view(pageBytes, META_BYTES);
  const transaction = (meta: Buffer) => meta.readBigUInt64LE(TRANSACTION_AT);
  const meta = isLmdbHead(second) && transaction(second) > transaction(first) ? second : first;
  const main = meta.subarray(MAIN_AT);
  const root = main.readBigUInt64LE(ROOT_AT);
  return {
    pageBytes,
    root: root === NO_PAGE ? undefined : Number(root),
    depth: main.readUInt16LE(DEPTH_AT),
    entries: Number(main.readBigUInt64LE(ENTRIES_AT)),
    pagesLeft: Math.floor(file.size / pageBytes),
  };
}

interface Place {
  readonly page: number;
  readonly depth: number;
}

function* entriesBelow(file: FileWindow, tree: Tree, { page, depth }: Place): Generator<LmdbEntry> {
  if (tree.pagesLeft-- === 0) throw damaged(file, 'its pages lead in a circle');
  if (depth > tree.depth) throw damaged(file, `page ${page} lies deeper than ${tree.depth} levels`);
  const bytes = readPage(file, tree, page);
  const flags = bytes.readUInt16LE(10);
  if (flags !== BRANCH && flags !== LEAF) throw damaged(file, `page ${page} is neither a branch nor a leaf`);
  for (const node of nodesOf(file, bytes, page))
    if (flags === LEAF) yield readLeaf(file, tree, { page, bytes, node });
    else yield* entriesBelow(file, tree, { page: childOf(bytes, node), depth: depth + 1 });
}

/** A copy: what is below it is read before all of it was looked at. */
function readPage(file: FileWindow, { pageBytes }: Tree, page: number): Buffer {
  const bytes = file.view(page * pageBytes, pageBytes);
  if (bytes.length === pageBytes && Number(bytes.readBigUInt64LE(0)) === page) return Buffer.from(bytes);
  if (bytes.length < pageBytes) throw beyondEnd(file, page);
  throw damaged(file, `page ${page} has another number`);
}

/** Where the nodes of a page begin, in the order of their keys. */
function nodesOf(file: FileWindow, bytes: Buffer, page: number): number[] {
  const end = bytes.readUInt16LE(12);
  const nodes: number[] = [];
  for (let at = HEADER_BYTES; at + 2 <= Math.min(end, bytes.length); at += 2) {
    const node = bytes.readUInt16LE(at);
    if (node + NODE_BYTES > bytes.length) throw damaged(file, `page ${page} has a node beyond its end`);
    nodes.push(node);
  }
  return nodes;
}

/** Of a branch: 48 bits. */
const childOf = (bytes: Buffer, node: number): number => bytes.readUIntLE(node, 6);

/** A leaf page and one of its nodes. */
interface Leaf {
  readonly page: number;
  readonly bytes: Buffer;
  readonly node: number;
}

function readLeaf(file: FileWindow, { pageBytes }: Tree, { page, bytes, node }: Leaf): LmdbEntry {
  const [length, flags] = [bytes.readUInt32LE(node), bytes.readUInt16LE(node + 4)];
  const at = node + NODE_BYTES + bytes.readUInt16LE(node + 6);
  const isBig = flags === BIG;
  if (flags !== 0 && !isBig) throw damaged(file, `page ${page} holds a database in the database`);
  if (at + (isBig ? 8 : length) > bytes.length)
    throw damaged(file, `page ${page} has a value beyond its end`);
  const key = bytes.subarray(node + NODE_BYTES, at);
  const start = isBig ? bigValue(file, Number(bytes.readBigUInt64LE(at)), pageBytes) : page * pageBytes + at;
  if (start + length <= file.size) return { key, start, end: start + length };
  const reason = `a value needs ${length} bytes at offset ${start}, the file has ${file.size}`;
  throw new DataError('TRUNCATED_LMDB', `${file.path}: is cut: ${reason}`);
}

/** Its pages follow one another, with a header before the first. */
function bigValue(file: FileWindow, page: number, pageBytes: number): number {
  const head = file.view(page * pageBytes, HEADER_BYTES);
  if (head.length < HEADER_BYTES) throw beyondEnd(file, page);
  const isOverflow = Number(head.readBigUInt64LE(0)) === page && head.readUInt16LE(10) === OVERFLOW;
  if (!isOverflow) throw damaged(file, `page ${page} is not that of a value`);
  return page * pageBytes + HEADER_BYTES;
}

const beyondEnd = (file: FileWindow, page: number): DataError =>
  new DataError('TRUNCATED_LMDB', `${file.path}: is cut: page ${page} is beyond its ${file.size} bytes`);

const damaged = (file: FileWindow, reason: string): DataError =>
  new DataError('DAMAGED_LMDB', `${file.path}: is damaged: ${reason}`);
