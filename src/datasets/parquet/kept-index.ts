import { basename, dirname, join, resolve } from 'node:path';
import { cacheFolder, hashOf, KEPT_ENDING, keep, readKept } from '../opening/kept-files.ts';
import { Listing } from '../opening/listing.ts';
import { isRemoteFile, type SourcePath, sourceName } from '../opening/source-path.ts';
import type { ColumnOptions } from './columns.ts';
import { readRawFooter } from './footer.ts';
import { decodeIndex, encodeIndex, type IndexedFile } from './index-file.ts';
import { listRows } from './list-rows.ts';
import { ParquetFile } from './parquet-file.ts';
import type { RowIndex } from './row-index.ts';

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
    const kept = readKept(places, (bytes) => decodeIndex(bytes, identity));
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
  const name = `${basename(file)}${choice}${KEPT_ENDING}`;
  const folder = isRemoteFile(path) ? dirname(file) : resolve(dirname(file));
  const cached = join(cacheFolder('parquet'), `${hashOf(folder)}-${name}`);
  return isRemoteFile(path) ? [cached] : [join(dirname(file), name), cached];
}
