import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { isSystemError } from '../core/errors.ts';
import { makeFolder } from '../core/make-folder.ts';
import { BLOCK_BYTES, type Block, blockHeader, blockName, bytesByName, fileBytes } from './block-file.ts';

/** Blocks lie in so many folders; neighbours in different ones, so that all are equally full. */
const FOLDERS = 64;
/** Of a group of folders that keeps its own share of the limit: large enough for a block to be little of it. */
const LEAST_SHARE = 2 ** 27;
/** Processes and threads that may write at the same time without looking at each other's files. */
const WRITERS = 8;
/** What was not finished after so long never will be: its writer was killed. */
const ABANDONED_MS = 10 * 60_000;

interface Share {
  /** Bytes in its folders when they were last listed. */
  bytes: number;
  /** That this thread has added since. */
  added: number;
  isListed: boolean;
}

/**
 * The files of the cache. Several processes and threads may use one folder and do not know each other: before a block is
 * written, the folders that share a part of the limit are listed, and what was not used for longest is removed.
 */
export class BlockFolder {
  readonly #root: string;
  readonly #budget: number;
  readonly #groups: number;
  readonly #shares: readonly Share[];
  #written = 0;

  /** `limit`: in bytes, of all files together. */
  constructor(root: string, limit: number) {
    const groups = 2 ** Math.floor(Math.log2(Math.max(limit / LEAST_SHARE, 1)));
    this.#root = root;
    this.#groups = Math.min(groups, FOLDERS);
    this.#budget = limit / this.#groups;
    this.#shares = Array.from({ length: this.#groups }, () => ({ bytes: 0, added: 0, isListed: false }));
  }

  pathOf(block: Block): string {
    return join(this.#folder(folderOf(block)), blockName(block));
  }

  /** Throws the system's error where it cannot be written. Whoever reads the path finds the whole block or none. */
  async write(block: Block, bytes: Buffer): Promise<void> {
    const path = this.pathOf(block);
    makeFolder(this.#folder(folderOf(block)));
    this.#makeRoom(folderOf(block) % this.#groups, fileBytes(block.length));
    const temporary = `${path}.${process.pid}-${threadId}-${this.#written++}.tmp`;
    try {
      const file = await open(temporary, 'wx');
      try {
        // not writev, which may write a part and call it success
        for (const part of [blockHeader(bytes), bytes]) await file.writeFile(part);
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {});
      throw cause;
    }
  }

  #folder(number: number): string {
    return join(this.#root, number.toString(16).padStart(2, '0'));
  }

  #makeRoom(group: number, bytes: number): void {
    const share = this.#shares[group] as Share;
    const isKnown = share.isListed && (share.added + bytes) * WRITERS <= this.#budget - share.bytes;
    if (!isKnown) this.#list(group, share, bytes);
    share.added += bytes;
  }

  /** Removes enough for the next hundredth of the share, so that not each block needs a list. */
  #list(group: number, share: Share, bytes: number): void {
    const files = this.#filesOf(group);
    const total = files.reduce((sum, file) => sum + file.bytes, 0);
    const spare = Math.floor(this.#budget / 100 / BLOCK_BYTES) * BLOCK_BYTES;
    const isFull = total + bytes > this.#budget;
    const removed = isFull ? removeOldest(files, total + bytes + spare - this.#budget) : 0;
    Object.assign(share, { bytes: total - removed, added: 0, isListed: true });
  }

  #filesOf(group: number): { readonly path: string; readonly bytes: number }[] {
    const files: { readonly path: string; readonly bytes: number }[] = [];
    for (let folder = group; folder < FOLDERS; folder += this.#groups) {
      const path = this.#folder(folder);
      for (const name of namesIn(path)) {
        const bytes = bytesByName(name);
        // whatever else lies there is not ours
        if (bytes !== undefined) files.push({ path: join(path, name), bytes });
      }
    }
    return files;
  }
}

const folderOf = ({ object, number }: Block): number =>
  (Number.parseInt(object.slice(0, 8), 16) + number) % FOLDERS;

/** Least recently used first; returns how many bytes are free by it. */
function removeOldest(
  files: readonly { readonly path: string; readonly bytes: number }[],
  bytes: number,
): number {
  const byAge = files
    .map((file) => ({ ...file, used: statSync(file.path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    // of those that are being written, only what was left behind
    .filter(({ path, used }) => !path.endsWith('.tmp') || Date.now() - used > ABANDONED_MS)
    .sort((a, b) => a.used - b.used);
  let removed = 0;
  for (const { path, bytes: own } of byAge) {
    if (removed >= bytes) break;
    remove(path);
    removed += own;
  }
  return removed;
}

/** Another process may have been faster. */
export function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (cause) {
    if (!isSystemError(cause) || cause.code !== 'ENOENT') throw cause;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (isSystemError(cause) && cause.code === 'ENOENT') return [];
    throw cause;
  }
}
