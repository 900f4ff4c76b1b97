import { DataError } from '../../core/errors.ts';
import type { RemoteOptions } from '../../remote/remote-files.ts';
import type { Reader } from '../dataset.ts';
import type { SourcePath } from '../opening/source-path.ts';
import { after, type Piece, Pieces } from '../pieces/pieces.ts';
import type { LabelFault } from './sample-label.ts';

export interface TarReaderOptions {
  /** The shards that locators number. */
  readonly paths: readonly SourcePath[];
  readonly remote?: RemoteOptions;
}

/** Number of the shard; offset and length of the image in it, in bytes; for a sample that is bad, why. */
export type TarLocator = readonly [shard: number, offset: number, length: number, fault?: LabelFault];

/** Reads images out of shards, local ones into one buffer that is used again. The shards used last stay open. */
export function openReader({ paths, remote }: TarReaderOptions): Reader {
  const shards = new Pieces(paths, remote);
  const pieceOf = ([file, offset, length]: TarLocator): Piece => ({ file, offset, length });
  return {
    read(given) {
      const locator = given as TarLocator;
      const [shard, offset, length, fault] = locator;
      if (fault !== undefined) throw new DataError(fault.code, `${shards.pathOf(shard)}: ${fault.message}`);
      return after(shards.read(pieceOf(locator)), (bytes) => {
        if (bytes.length === length) return bytes;
        const reason = `expected ${length} bytes at offset ${offset}, got ${bytes.length} (it had them when it was listed)`;
        throw new DataError('TRUNCATED_TAR', `${shards.pathOf(shard)}: is cut: ${reason}`);
      });
    },
    ...(shards.isRemote && {
      prefetch: (locators) =>
        shards.prefetch((locators as readonly TarLocator[]).filter(([, , , fault]) => !fault).map(pieceOf)),
    }),
    close: () => shards.close(),
  };
}
