import { DataError } from '../../core/errors.ts';
import type { Reader, Source } from '../dataset.ts';
import { repeatGray } from '../repeat-gray.ts';
import { openEnvironment } from './environment.ts';
import { type ImageRecord, RecordDecoder } from './record.ts';
import { checkStoreFile } from './store-file.ts';

/** Reads records by number. Every thread opens the store for itself; LMDB shares one mapping among them. */
export function openReader(options: unknown): Reader {
  const { path } = options as { readonly path: string };
  if (!checkStoreFile(path)) throw new DataError('MISSING_STORE', `${path}: no such file`);
  const { records, close } = openEnvironment(path, { readOnly: true });
  const decoder = new RecordDecoder();
  let rgb = new Uint8Array(0);
  let own = Buffer.alloc(0);
  // where rows are prepared on the calling thread, keys are looked up there while a record is being decoded
  const copied = (record: Buffer): Buffer => {
    if (own.length < record.length) own = Buffer.allocUnsafeSlow(Math.ceil(record.length * 1.25));
    return own.subarray(0, record.copy(own));
  };
  const toSource = (record: ImageRecord): Source => {
    if (record.kind === 'intervals') return record.jpeg;
    if (record.kind === 'file') return record.file;
    const { width, height, pixels } = record;
    if (record.channels === 3) return { width, height, data: pixels };
    if (rgb.length !== pixels.length * 3) rgb = new Uint8Array(pixels.length * 3);
    repeatGray(pixels, rgb);
    return { width, height, data: rgb };
  };
  return {
    read(locator) {
      const bytes = records.get(locator as number);
      if (bytes === undefined)
        throw new DataError('MISSING_RECORD', `the store has no record of sample ${locator}; is it damaged?`);
      return toSource(decoder.decode(copied(bytes)));
    },
    close,
  };
}
