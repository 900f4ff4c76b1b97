import { type Dirent, readdirSync } from 'node:fs';
import { DataError } from '../../core/errors.ts';
import { type FilePath, nameInWords, pathIn, pathInWords, systemPath } from '../opening/file-path.ts';
import { pathStats } from '../opening/path-stats.ts';
import { isSystemName } from './system-names.ts';

/** Something in a folder. */
export interface FolderEntry {
  /** As `nameInWords` writes it: `pathIn` finds the file. */
  readonly name: string;
  readonly type: Dirent | Dirent<Buffer>;
}

/** What is in a folder, without what is hidden or a system's. */
export function listFolder(folder: FilePath): FolderEntry[] {
  try {
    const types = readTypes(systemPath(folder));
    return types
      .map((type) => ({ name: nameInWords(type.name), type }))
      .filter(({ name }) => !isSystemName(name));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'no such folder' : code === 'ENOTDIR' ? 'not a folder' : String(cause);
    throw new DataError('MISSING_FOLDER', `${pathInWords(folder)}: ${reason}`, { cause });
  }
}

/** Names as bytes take twice as long: they are asked for where a name may be no UTF-8, and would not be found again. */
function readTypes(folder: string | Buffer): readonly FolderEntry['type'][] {
  const types = readdirSync(folder, { withFileTypes: true });
  if (!types.some(({ name }) => name.includes('\ufffd'))) return types;
  return readdirSync(folder, { withFileTypes: true, encoding: 'buffer' });
}

/** Whether there is a folder at a path. */
export function isFolderPath(path: FilePath): boolean {
  return pathStats(path)?.isDirectory() === true;
}

/** Follows links, as a folder of links to images is a usual way to make a subset. A dangling link counts as a file. */
export function isFolder(parent: FilePath, { name, type }: FolderEntry): boolean {
  if (!type.isSymbolicLink()) return type.isDirectory();
  try {
    return isFolderPath(pathIn(parent, name));
  } catch {
    return false;
  }
}

/** Names of the folders in a folder, without those that are hidden or a system's. */
export function foldersIn(folder: FilePath): string[] {
  return listFolder(folder)
    .filter((entry) => isFolder(folder, entry))
    .map(({ name }) => name);
}

export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
