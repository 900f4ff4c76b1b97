import { DataError } from '../../core/errors.ts';
import type { Reader } from '../dataset.ts';
import type { FilePath } from '../file-path.ts';
import { OpenFiles } from '../open-files.ts';
import type { LabelFault } from '../tar/sample-label.ts';
import { maskedCrc32c } from './crc32c.ts';
import { FRAME_END_BYTES } from './record-frames.ts';

export interface TfRecordReaderOptions {
  /** The files that locators number. */
  readonly paths: readonly FilePath[];
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

/** Reads records into one buffer that is used again, as the checksum is of a whole record, and gives their images. */
export function openReader({ paths }: TfRecordReaderOptions): Reader {
  let buffer = Buffer.allocUnsafeSlow(1 << 20);
  const files = new OpenFiles(paths);
  const invalid = ({ shard, record }: TfRecordLocator, code: string, reason: string) =>
    new DataError(code, `${files.pathOf(shard)}: record ${record}: ${reason}`);
  return {
    read(given) {
      const locator = given as TfRecordLocator;
      const { shard, start, length, imageOffset, imageLength, fault } = locator;
      if (fault !== undefined) throw invalid(locator, fault.code, fault.message);
      const wanted = length + FRAME_END_BYTES;
      if (wanted > buffer.length) buffer = Buffer.allocUnsafeSlow(Math.ceil(wanted * 1.25));
      const count = files.read(shard, buffer, wanted, start);
      if (count < wanted) {
        const got = `expected ${wanted} bytes at offset ${start}, got ${count}`;
        throw invalid(locator, 'TRUNCATED_TFRECORD', `is cut: ${got} (it had them when it was listed)`);
      }
      if (maskedCrc32c(buffer, length) !== buffer.readUInt32LE(length))
        throw invalid(locator, 'DAMAGED_TFRECORD', 'is damaged: its data has a wrong checksum');
      return buffer.subarray(imageOffset, imageOffset + imageLength);
    },
    close: () => files.close(),
  };
}
