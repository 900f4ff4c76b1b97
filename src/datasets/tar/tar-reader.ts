import { closeSync, openSync } from 'node:fs';
import { DataError } from '../../core/errors.ts';
import type { Reader } from '../dataset.ts';
import { type FilePath, pathInWords, systemPath } from '../file-path.ts';
import { readError, readFully } from '../read-fully.ts';
import type { LabelFault } from './sample-label.ts';

export interface TarReaderOptions {
  /** The shards that locators number. */
  readonly paths: readonly FilePath[];
}

/** Number of the shard; offset and length of the image in it, in bytes; for a sample that is bad, why. */
export type TarLocator = readonly [shard: number, offset: number, length: number, fault?: LabelFault];

const MAX_OPEN_SHARDS = 64;

/** Reads images out of shards, into one buffer that is used again. The shards used last stay open. */
export function openReader({ paths }: TarReaderOptions): Reader {
  let buffer = Buffer.allocUnsafeSlow(1 << 20);
  const shards = new OpenShards(paths);
  return {
    read(locator) {
      const [shard, offset, length, fault] = locator as TarLocator;
      if (fault !== undefined)
        throw new DataError(fault.code, `${pathInWords(paths[shard] as FilePath)}: ${fault.message}`);
      if (length > buffer.length) buffer = Buffer.allocUnsafeSlow(Math.ceil(length * 1.25));
      const count = readShard(pathInWords(paths[shard] as FilePath), () =>
        readFully(shards.open(shard), buffer, length, offset),
      );
      if (count === length) return buffer.subarray(0, length);
      const reason = `expected ${length} bytes at offset ${offset}, got ${count} (it had them when it was listed)`;
      throw new DataError('TRUNCATED_TAR', `${pathInWords(paths[shard] as FilePath)}: is cut: ${reason}`);
    },
    close: () => shards.close(),
  };
}

function readShard(path: string, read: () => number): number {
  try {
    return read();
  } catch (cause) {
    const missing = 'cannot be read: no such file (it was there when it was listed)';
    throw readError(cause, missing, { prefix: `${path}: ` });
  }
}

/** Open files by number of the shard, the one used last at the end. */
class OpenShards {
  readonly #paths: readonly FilePath[];
  readonly #files = new Map<number, number>();

  constructor(paths: readonly FilePath[]) {
    this.#paths = paths;
  }

  open(shard: number): number {
    const file = this.#files.get(shard) ?? openSync(systemPath(this.#paths[shard] as FilePath), 'r');
    this.#files.delete(shard);
    this.#files.set(shard, file);
    if (this.#files.size > MAX_OPEN_SHARDS) this.#closeOldest();
    return file;
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #closeOldest(): void {
    const [shard, file] = this.#files.entries().next().value as [number, number];
    this.#files.delete(shard);
    closeSync(file);
  }
}
