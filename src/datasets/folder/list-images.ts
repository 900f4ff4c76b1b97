import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { pathIn, systemPath } from '../opening/file-path.ts';
import { isFolder, listFolder } from './folders.ts';
import { isImageName } from './image-names.ts';
import type { PassedOver } from './passed-over.ts';

/** Keys (`class/.../file.jpg`, with forward slashes) of all images below root/relative; counts the other files. */
export function listImages(
  root: string,
  relative: string,
  passedOver: PassedOver,
  above: readonly string[] = [],
): string[] {
  const folder = pathIn(root, relative);
  const path = realpathSync.native(systemPath(folder), 'buffer').toString('latin1');
  if (above.includes(path))
    throw new DataError('LINK_LOOP', `${join(root, relative)}: is a link to a folder it lies in`);
  const found: string[] = [];
  for (const entry of listFolder(folder)) {
    const key = `${relative}/${entry.name}`;
    const isImage = isImageName(entry.name);
    if (isFolder(folder, entry)) {
      if (isImage) throw notAFile(root, key, 'is a folder');
      for (const deeper of listImages(root, key, passedOver, [...above, path])) found.push(deeper);
    } else if (isImage) {
      // opening a pipe would wait for its other end
      if (!entry.type.isFile() && !entry.type.isSymbolicLink())
        throw notAFile(root, key, 'is a pipe, socket or device');
      found.push(key);
    } else passedOver.add(entry.name);
  }
  return found;
}

function notAFile(root: string, key: string, what: string): DataError {
  return new DataError('NOT_A_FILE', `${join(root, key)}: ${what} but named like an image`, { sample: key });
}
