import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { isSystemError } from '../../core/errors.ts';

// What was found in a dataset's files is kept for the next time. Where that cannot be read or written, it is found again.

/** What a kept file's name ends in. */
export const KEPT_ENDING = '.millrace';

/** A folder of that name in the user's cache. */
export function cacheFolder(name: string): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const caches =
    process.platform === 'win32'
      ? (LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Caches')
        : XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(caches, 'millrace', name);
}

/** For the names of kept files. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** The first of the places that has what `decode` accepts. */
export function readKept<Kept>(
  places: readonly string[],
  decode: (bytes: Buffer) => Kept | undefined,
): Kept | undefined {
  for (const place of places) {
    const kept = unlessRefused(() => decode(readFileSync(place)));
    if (kept !== undefined) return kept;
  }
  return undefined;
}

/** Writes the parts, one after the other, into the first place that can be written to. */
export function keep(places: readonly string[], parts: () => Iterable<Buffer>): void {
  for (const place of places) if (unlessRefused(() => write(place, parts))) return;
}

/** Under a name of its own first: another process or machine may do the same, or read it meanwhile. */
function write(place: string, parts: () => Iterable<Buffer>): true {
  mkdirSync(dirname(place), { recursive: true });
  const unfinished = `${place}.${hostname()}-${process.pid}-${threadId}`;
  try {
    const file = openSync(unfinished, 'w');
    try {
      for (const part of parts()) writeFileSync(file, part);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, place);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return true;
}

/** What cannot be read or written is no fault of the data. */
function unlessRefused<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch (cause) {
    if (isSystemError(cause)) return undefined;
    throw cause;
  }
}
