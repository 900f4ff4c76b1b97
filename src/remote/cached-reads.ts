import type { BlockCache } from './block-cache.ts';
import { BLOCK_BYTES, type Block, blockName, objectHash } from './block-file.ts';
import type { ByteRange } from './range.ts';
import type { RemoteFile } from './remote-file.ts';

type Fetch = (file: RemoteFile, range: ByteRange) => Promise<Buffer>;

/** Reads by whole blocks, which are kept. Several who want one block at the same time wait for one request. */
export class CachedReads {
  readonly #cache: BlockCache;
  readonly #fetch: Fetch;
  readonly #underWay = new Map<string, Promise<Buffer>>();
  readonly #hashes = new WeakMap<RemoteFile, string>();

  constructor(cache: BlockCache, fetch: Fetch) {
    this.#cache = cache;
    this.#fetch = fetch;
  }

  async read(file: RemoteFile, { start, end }: ByteRange): Promise<Buffer> {
    const parts: Promise<Buffer>[] = [];
    for (let at = start; at < end; ) {
      const number = Math.floor(at / BLOCK_BYTES);
      const from = number * BLOCK_BYTES;
      const until = Math.min(end, from + BLOCK_BYTES);
      parts.push(this.#part(file, number, at - from, until - from));
      at = until;
    }
    const [first, ...more] = await Promise.all(parts);
    return more.length === 0 ? (first as Buffer) : Buffer.concat([first as Buffer, ...more]);
  }

  async #part(file: RemoteFile, number: number, start: number, end: number): Promise<Buffer> {
    const length = Math.min(BLOCK_BYTES, file.size - number * BLOCK_BYTES);
    const block = { object: this.#hashOf(file), number, length };
    const name = blockName(block);
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return partOf(await underWay, start, end);
    const kept = this.#cache.read(block, start, end);
    if (kept !== undefined) return kept;
    const fetched = this.#keep(file, block).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, fetched);
    return partOf(await fetched, start, end);
  }

  async #keep(file: RemoteFile, block: Block): Promise<Buffer> {
    const start = block.number * BLOCK_BYTES;
    const bytes = await this.#fetch(file, { start, end: start + block.length });
    // whoever reads faster than the disk writes waits for it here
    await this.#cache.write(block, bytes);
    return bytes;
  }

  #hashOf(file: RemoteFile): string {
    const known = this.#hashes.get(file) ?? objectHash(file);
    this.#hashes.set(file, known);
    return known;
  }
}

/** A copy: a small part would hold the whole block in memory. */
const partOf = (bytes: Buffer, start: number, end: number): Buffer =>
  start === 0 && end === bytes.length ? bytes : Buffer.from(bytes.subarray(start, end));
