import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DataError, reasonOf } from '../core/errors.ts';
import type { RawImage } from '../core/image.ts';
import { encodePng } from './png.ts';

/** Writes a picture to a PNG file, whose folder is made where it is missing. */
export async function writePng(path: string, image: RawImage): Promise<void> {
  const png = await encodePng(image);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, png);
  } catch (cause) {
    throw new DataError('WRITE_FAILED', `${path}: cannot be written: ${reasonOf(cause)}`, { cause });
  }
}
