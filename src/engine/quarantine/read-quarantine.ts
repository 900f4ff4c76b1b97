import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, reasonOf } from '../../core/errors.ts';
import { parseRecord, type QuarantineRecord } from './record.ts';

/**
 * The records of a quarantine file, in the order in which they were written. A last line that a killed process left
 * half-written is passed over; any other line that is no record is an error that names it.
 */
export function readQuarantine(path: string): QuarantineRecord[] {
  return parseQuarantine(readBytes(path), path).records;
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new DataError('MISSING_FILE', `${path}: no such quarantine file`, { cause });
    if (code === 'EISDIR') {
      const advice = `name a quarantine file, such as ${join(path, 'quarantine.jsonl')}`;
      throw new DataError('READ_FAILED', `${path}: is a folder; ${advice}`, { cause });
    }
    throw new DataError('READ_FAILED', `${path}: cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

/** The records in a file's bytes, and how many of the bytes come before a half-written line. */
export function parseQuarantine(bytes: Buffer, path: string) {
  const lastLine = bytes.lastIndexOf('\n') + 1;
  const wholeBytes = isCutRecord(bytes.toString('utf8', lastLine)) ? lastLine : bytes.length;
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n');
  const records = lines.flatMap((line, i) =>
    line.trim() === '' ? [] : [parseRecord(line, `${path}:${i + 1}`)],
  );
  return { records, wholeBytes };
}

const RECORD_START = '{"key":';

/** Whether a text is the beginning of a record, and not the whole of one, nor of something else. */
function isCutRecord(text: string): boolean {
  if (!text.startsWith(RECORD_START)) return RECORD_START.startsWith(text);
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}
