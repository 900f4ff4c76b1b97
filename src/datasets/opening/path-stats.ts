import { type Stats, statSync } from 'node:fs';
import { isSystemError } from '../../core/errors.ts';
import { readError } from '../pieces/read-fully.ts';
import { type FilePath, pathInWords, systemPath } from './file-path.ts';

/**
 * What is at a path; undefined where nothing is, which is so of a path that leads through a file. Whatever else the system
 * says (no permission, a name that is too long, links in a circle) is a DataError.
 */
export function pathStats(path: FilePath): Stats | undefined {
  try {
    return statSync(systemPath(path));
  } catch (cause) {
    if (isSystemError(cause) && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return undefined;
    throw readError(cause, 'no such file', { prefix: `${pathInWords(path)}: ` });
  }
}
