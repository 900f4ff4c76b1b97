import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { type FilePath, pathIn, pathInWords, systemPath, writtenPath } from '../opening/file-path.ts';
import { pathStats } from '../opening/path-stats.ts';
import { fileLength } from './file-length.ts';
import { isFolderPath, listFolder } from './folders.ts';

/**
 * Single images by their paths, in the order given, without labels. Bytes of a path that are no UTF-8 may be given as
 * imageFolder writes them, `caf\xe9.jpg`, or as the shell hands them over, where only one file can be meant.
 */
export function imageFiles(paths: readonly string[]): Dataset {
  const files = paths.map(findFile);
  const path = (index: number) => files[index] as FilePath;
  const key = (index: number) => pathInWords(path(index));
  return defineDataset({
    name: `imageFiles(${paths.length})`,
    length: paths.length,
    classes: [],
    key,
    label: () => -1,
    locator: path,
    place: (index) => ({ path: key(index) }),
    byteLength: (index) => fileLength(path(index), key(index)),
    reader: { module: new URL('./file-reader.js', import.meta.url).href },
  });
}

function findFile(path: string): FilePath {
  const found = existsSync(path) ? path : (findBytes(path) ?? path);
  const stats = pathStats(found);
  if (stats?.isFile()) return found;
  const [code, reason] = stats ? ['NOT_A_FILE', 'is not a file'] : ['MISSING_FILE', 'no such file'];
  throw new DataError(code as string, `${path}: ${reason}`, { sample: path });
}

/** The file whose path, as bytes that are no UTF-8, became this text. */
function findBytes(path: string): FilePath | undefined {
  const written = writtenPath(path);
  if (existsSync(systemPath(written))) return written;
  const parent = dirname(path);
  if (!path.includes('\ufffd') || parent === path) return undefined;
  const folder = existsSync(parent) ? parent : findBytes(parent);
  if (folder === undefined || !isFolderPath(folder)) return undefined;
  // Node gives a program's arguments as UTF-8, and this character for what is none
  const named = listFolder(folder).filter(({ type }) => type.name.toString() === basename(path));
  const [first, second] = named.map(({ name }) => name);
  if (first === undefined) return undefined;
  if (second === undefined) return pathIn(folder, first);
  const reason = `could be ${first} or ${second}: name it so, or rename one of them`;
  throw new DataError('AMBIGUOUS_NAME', `${path}: ${reason}`, { sample: path });
}
