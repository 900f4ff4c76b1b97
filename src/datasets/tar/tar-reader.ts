import { DataError } from '../../core/errors.ts';
import type { Reader } from '../dataset.ts';
import type { FilePath } from '../file-path.ts';
import { OpenFiles } from '../open-files.ts';
import type { LabelFault } from './sample-label.ts';

export interface TarReaderOptions {
  /** The shards that locators number. */
  readonly paths: readonly FilePath[];
}

/** Number of the shard; offset and length of the image in it, in bytes; for a sample that is bad, why. */
export type TarLocator = readonly [shard: number, offset: number, length: number, fault?: LabelFault];

/** Reads images out of shards, into one buffer that is used again. The shards used last stay open. */
export function openReader({ paths }: TarReaderOptions): Reader {
  let buffer = Buffer.allocUnsafeSlow(1 << 20);
  const shards = new OpenFiles(paths);
  return {
    read(locator) {
      const [shard, offset, length, fault] = locator as TarLocator;
      if (fault !== undefined) throw new DataError(fault.code, `${shards.pathOf(shard)}: ${fault.message}`);
      if (length > buffer.length) buffer = Buffer.allocUnsafeSlow(Math.ceil(length * 1.25));
      const count = shards.read(shard, buffer, length, offset);
      if (count === length) return buffer.subarray(0, length);
      const reason = `expected ${length} bytes at offset ${offset}, got ${count} (it had them when it was listed)`;
      throw new DataError('TRUNCATED_TAR', `${shards.pathOf(shard)}: is cut: ${reason}`);
    },
    close: () => shards.close(),
  };
}
