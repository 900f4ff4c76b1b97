import { stat } from 'node:fs/promises';
import { type FilePath, systemPath } from '../opening/file-path.ts';
import { fileIsGone, readError } from '../pieces/read-fully.ts';

/** Bytes of the file; the sample's key is for the message where there is none. */
export async function fileLength(path: FilePath, key: string, missing = fileIsGone): Promise<number> {
  try {
    return (await stat(systemPath(path))).size;
  } catch (cause) {
    throw readError(cause, missing, { prefix: `${key}: `, sample: key });
  }
}
