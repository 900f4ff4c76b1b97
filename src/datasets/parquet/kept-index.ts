import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import { isSystemError } from '../../core/errors.ts';
import { Listing } from '../opening/listing.ts';
import { isRemoteFile, type SourcePath, sourceName } from '../opening/source-path.ts';
import type { ColumnOptions } from './columns.ts';
import { readRawFooter } from './footer.ts';
import { decodeIndex, encodeIndex, type IndexedFile } from './index-file.ts';
import { listRows } from './list-rows.ts';
import { ParquetFile } from './parquet-file.ts';
import type { RowIndex } from './row-index.ts';

/** What an index's name ends in. */
const ENDING = '.millrace';

/** The rows of a file: as they were kept when it was listed before, or else listed now, and kept. */
export async function rowsOf(
  path: SourcePath,
  options: ColumnOptions,
  listing = Listing.local,
  onListing: () => void = () => {},
): Promise<RowIndex> {
  const file = new ParquetFile(path, listing);
  try {
    const identity = await identityOf(file, options);
    const places = placesOf(path, options);
    const kept = readKept(places, identity);
    if (kept !== undefined) return kept;
    onListing();
    const rows = await listRows(file, await readRawFooter(file), options);
    keep(places, () => encodeIndex(identity, rows));
    return rows;
  } finally {
    file.close();
  }
}

/** What tells a local file from another one is its footer too; an object on the network, its ETag alone. */
async function identityOf(file: ParquetFile, options: ColumnOptions): Promise<IndexedFile> {
  const { imageColumn, labelColumn } = options;
  const footerCrc = isRemoteFile(file.source) ? 0 : (await readRawFooter(file)).crc;
  return { size: file.size, changed: file.changed, footerCrc, imageColumn, labelColumn };
}

/**
 * Where a file's index may be, the best place first: beside it, or where that is not writable in the user's cache; there
 * alone for one on the network.
 */
export function placesOf(path: SourcePath, { imageColumn, labelColumn }: ColumnOptions): readonly string[] {
  const isAsked = imageColumn !== undefined || labelColumn !== undefined;
  const choice = isAsked ? `.${hashOf(JSON.stringify([imageColumn ?? null, labelColumn ?? null]))}` : '';
  const file = sourceName(path);
  const name = `${basename(file)}${choice}${ENDING}`;
  const folder = isRemoteFile(path) ? dirname(file) : resolve(dirname(file));
  const cached = join(cacheFolder(), `${hashOf(folder)}-${name}`);
  return isRemoteFile(path) ? [cached] : [join(dirname(file), name), cached];
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const caches =
    process.platform === 'win32'
      ? (LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Caches')
        : XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(caches, 'millrace', 'parquet');
}

function readKept(places: readonly string[], file: IndexedFile): RowIndex | undefined {
  for (const place of places) {
    const index = unlessRefused(() => decodeIndex(readFileSync(place), file));
    if (index !== undefined) return index;
  }
  return undefined;
}

/** Writes into the first place that can be written to; where none can, the file is listed again the next time. */
function keep(places: readonly string[], parts: () => Iterable<Buffer>): void {
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
