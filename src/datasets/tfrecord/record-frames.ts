import { DataError } from '../../core/errors.ts';
import type { ByteWindow } from '../pieces/file-window.ts';
import { maskedCrc32c } from './crc32c.ts';

/** The length of a record (u64, little-endian) and its checksum, before each record. */
export const FRAME_HEAD_BYTES = 12;
/** The checksum of a record, after it. */
export const FRAME_END_BYTES = 4;

/** Where a record is in its file. */
export interface RecordFrame {
  /** Its number in the file, from 0. */
  readonly record: number;
  /** The first byte of its data. */
  readonly start: number;
  readonly end: number;
}

/** Whether a file that begins with these bytes is a TFRecord file: the checksum of the first length says it. */
export function isFrameHead(head: Buffer): boolean {
  return head.length >= FRAME_HEAD_BYTES && maskedCrc32c(head.subarray(0, 8)) === head.readUInt32LE(8);
}

/**
 * The records of a file, in order; only their lengths are read. Whatever shows that it is cut or damaged is an error. A file
 * that has to be waited for is read whole, record by record, as only a walk over a record tells where its class is: before
 * each comes a promise, which is to be awaited.
 */
export function* recordFrames(file: ByteWindow): Generator<RecordFrame | Promise<void>> {
  const head = file.load?.(0, FRAME_HEAD_BYTES);
  if (head !== undefined) yield head;
  refuseCompressed(file);
  for (let [record, position] = [0, 0]; position < file.size; record++) {
    const next = file.load?.(position, FRAME_HEAD_BYTES);
    if (next !== undefined) yield next;
    const start = position + FRAME_HEAD_BYTES;
    const end = start + lengthAt(file, position, record);
    position = end + FRAME_END_BYTES;
    if (!(position <= file.size))
      throw cut(file, record, `which needs ${end - start + FRAME_END_BYTES} bytes at offset ${start}`);
    const whole = file.load?.(start, end + FRAME_END_BYTES - start);
    if (whole !== undefined) yield whole;
    yield { record, start, end };
  }
}

function lengthAt(file: ByteWindow, position: number, record: number): number {
  const head = file.view(position, FRAME_HEAD_BYTES);
  if (head.length < FRAME_HEAD_BYTES) throw cut(file, record, `whose length is at offset ${position}`);
  if (isFrameHead(head)) return Number(head.readBigUInt64LE(0));
  if (record === 0)
    throw new DataError(
      'NOT_A_TFRECORD',
      `${file.path}: is not a TFRecord file (its first 12 bytes are not a length and its checksum)`,
    );
  const reason = `the length of record ${record}, at offset ${position}, has a wrong checksum`;
  throw new DataError('DAMAGED_TFRECORD', `${file.path}: is damaged: ${reason}`);
}

function cut(file: ByteWindow, record: number, reason: string): DataError {
  const message = `${file.path}: is cut within record ${record}, ${reason}; the file has ${file.size}`;
  return new DataError('TRUNCATED_TFRECORD', message);
}

/** TensorFlow writes these two. */
function refuseCompressed(file: ByteWindow): void {
  const [first, second] = file.view(0, FRAME_HEAD_BYTES);
  const isGzip = first === 0x1f && second === 0x8b;
  const isZlib = first === 0x78 && ((first << 8) | (second ?? 0)) % 31 === 0;
  if ((!isGzip && !isZlib) || isFrameHead(file.view(0, FRAME_HEAD_BYTES))) return;
  const reason = `is compressed with ${isGzip ? 'gzip' : 'zlib'}; decompress it first: offsets into it are needed`;
  throw new DataError('COMPRESSED_TFRECORD', `${file.path}: ${reason}`);
}
