import { DataError } from '../../core/errors.ts';
import type { RemoteOptions } from '../../remote/remote-files.ts';
import type { Reader } from '../dataset.ts';
import type { SourcePath } from '../opening/source-path.ts';
import { after, type Piece, Pieces } from '../pieces/pieces.ts';
import type { LabelFault } from '../tar/sample-label.ts';
import { maskedCrc32c } from './crc32c.ts';
import { FRAME_END_BYTES } from './record-frames.ts';

export interface TfRecordReaderOptions {
  /** The files that locators number. */
  readonly paths: readonly SourcePath[];
  readonly remote?: RemoteOptions;
}

/** Where a record's data are in its file, and the image in these, in bytes; for a sample that is bad, why. */
export interface TfRecordLocator {
  readonly shard: number;
  readonly record: number;
  readonly start: number;
  readonly length: number;
  readonly imageOffset: number;
  readonly imageLength: number;
  readonly fault?: LabelFault;
}

/** Reads records whole, as the checksum is of a whole record, and gives their images. */
export function openReader({ paths, remote }: TfRecordReaderOptions): Reader {
  const files = new Pieces(paths, remote);
  const invalid = ({ shard, record }: TfRecordLocator, code: string, reason: string) =>
    new DataError(code, `${files.pathOf(shard)}: record ${record}: ${reason}`);
  const imageIn = (locator: TfRecordLocator, bytes: Buffer): Buffer => {
    const { start, length, imageOffset, imageLength } = locator;
    const wanted = length + FRAME_END_BYTES;
    if (bytes.length < wanted) {
      const got = `expected ${wanted} bytes at offset ${start}, got ${bytes.length}`;
      throw invalid(locator, 'TRUNCATED_TFRECORD', `is cut: ${got} (it had them when it was listed)`);
    }
    if (maskedCrc32c(bytes, length) !== bytes.readUInt32LE(length))
      throw invalid(locator, 'DAMAGED_TFRECORD', 'is damaged: its data has a wrong checksum');
    return bytes.subarray(imageOffset, imageOffset + imageLength);
  };
  return {
    read(given) {
      const locator = given as TfRecordLocator;
      const { fault } = locator;
      if (fault !== undefined) throw invalid(locator, fault.code, fault.message);
      return after(files.read(pieceOf(locator)), (bytes) => imageIn(locator, bytes));
    },
    ...(files.isRemote && {
      prefetch: (locators) =>
        files.prefetch((locators as readonly TfRecordLocator[]).filter(({ fault }) => !fault).map(pieceOf)),
    }),
    close: () => files.close(),
  };
}

/** The record and its checksum. */
const pieceOf = ({ shard, start, length }: TfRecordLocator): Piece => ({
  ...{ file: shard, offset: start, length: length + FRAME_END_BYTES },
});
