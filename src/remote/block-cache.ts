import { join } from 'node:path';
import { isSystemError, ParameterError } from '../core/errors.ts';
import { type Block, readBlock } from './block-file.ts';
import { BlockFolder, remove } from './block-folder.ts';
import { isFirstToTell } from './notices.ts';

export interface CacheOptions {
  /** Made where it is missing. Several processes may use one. */
  readonly folder: string;
  /** In bytes, of all that lies there. At least 64 MB. */
  readonly limit: number;
}

const LEAST_LIMIT = 64e6;
/** Of the layout; another gets another name. */
const ROOT = 'millrace-blocks-1';

/** Blocks of remote objects on the disk. A cache that cannot be written is passed over, with one message. */
export class BlockCache {
  readonly #path: string;
  readonly #folder: BlockFolder;
  readonly #onMessage: (message: string) => void;
  #isWritable = true;

  constructor({ folder, limit }: CacheOptions, onMessage: (message: string) => void) {
    if (!(limit >= LEAST_LIMIT))
      throw new ParameterError('INVALID_OPTION', `cache: limit must be at least 64 MB, got ${limit} bytes`);
    if (folder === '') throw new ParameterError('INVALID_OPTION', 'cache: folder must be a path, got none');
    this.#path = folder;
    this.#folder = new BlockFolder(join(folder, ROOT), limit);
    this.#onMessage = onMessage;
  }

  /** Bytes `start` to before `end` of a block. Undefined: it is not there, or was damaged and is gone now. */
  read(block: Block, start: number, end: number): Buffer | undefined {
    const path = this.#folder.pathOf(block);
    try {
      const bytes = readBlock(path, block.length, start, end);
      if (bytes === undefined) remove(path);
      return bytes;
    } catch (cause) {
      if (!isSystemError(cause)) throw cause;
      return undefined;
    }
  }

  async write(block: Block, bytes: Buffer): Promise<void> {
    if (!this.#isWritable) return;
    try {
      await this.#folder.write(block, bytes);
    } catch (cause) {
      this.#giveUp(cause);
    }
  }

  /** One thread says it for all of the process. */
  #giveUp(cause: unknown): void {
    this.#isWritable = false;
    if (!isFirstToTell(`cache ${this.#path}`)) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#onMessage(`${this.#path}: the cache cannot be written (${reason}): continues without keeping more`);
  }
}
