import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../core/errors.ts';

/** What is in a folder, hidden entries left out. */
export function listFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.name.startsWith('.'));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'no such folder' : code === 'ENOTDIR' ? 'not a folder' : String(cause);
    throw new DataError('MISSING_FOLDER', `${folder}: ${reason}`, { cause });
  }
}

/** Whether there is a folder at a path. */
export function isFolderPath(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Follows links, as a folder of links to images is a usual way to make a subset. A dangling link counts as a file. */
export function isFolder(parent: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(join(parent, entry.name)).isDirectory();
  } catch {
    return false;
  }
}

/** Names of the folders in a folder, hidden ones left out. */
export function foldersIn(folder: string): string[] {
  return listFolder(folder)
    .filter((entry) => isFolder(folder, entry))
    .map(({ name }) => name);
}

export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
