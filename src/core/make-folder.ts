import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isSystemError } from './errors.ts';

/**
 * Makes a folder, and those above it that are missing; returns what it made, the outermost first. Node's own way
 * (`recursive: true`) never returns where the system says of a folder that exists that it does not, as /proc does.
 */
export function makeFolder(path: string): string[] {
  if (isFolder(path)) return [];
  const missing = [resolve(path)];
  for (let folder = dirname(resolve(path)); !existsSync(folder); folder = dirname(folder))
    missing.unshift(folder);
  for (const folder of missing) makeOne(folder);
  return missing;
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (cause) {
    if (isSystemError(cause) && cause.code === 'EEXIST' && isFolder(folder)) return;
    throw withTrueReason(cause, dirname(folder));
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** What the system says against a new file or folder. That the folder around it is missing is not true where it exists. */
export function withTrueReason(cause: unknown, parent: string): unknown {
  if (!isSystemError(cause) || cause.code !== 'ENOENT' || !isFolder(parent)) return cause;
  return new Error(`${parent} takes no new files and folders (${cause.code})`, { cause });
}
