import { DataError } from '../../core/errors.ts';
import { pathStats } from '../path-stats.ts';
import { unpackings } from './codecs.ts';
import type { ColumnOptions } from './columns.ts';
import type { ListedFile } from './file-labels.ts';
import { rowsOf } from './kept-index.ts';

export interface ListFilesOptions extends ColumnOptions {
  readonly onMessage?: ((message: string) => void) | undefined;
}

/** What takes longer to list than people like to wait without a word. */
const MANY_BYTES = 2e9;
/** From so many times its bytes on, reading an image is slow. */
const WASTEFUL = 6;

/** The files that have rows. */
export function listFiles(name: string, paths: readonly string[], options: ListFilesOptions): ListedFile[] {
  const { onMessage = () => {} } = options;
  let isSaid = false;
  const sayOnce = (): void => {
    const bytes = isSaid ? 0 : paths.reduce((sum, path) => sum + sizeOf(path), 0);
    isSaid = true;
    if (bytes < MANY_BYTES) return;
    const size = `${(bytes / 1e9).toFixed(1)} GB`;
    onMessage(`${name}: reads ${size} once, to list the rows; what is found is kept for the next time`);
  };
  const files = paths
    .map((path) => ({ path, rows: rowsOf(path, options, sayOnce) }))
    .filter(({ rows }) => rows.length > 0);
  if (files.length === 0) throw new DataError('NO_ROWS', `${name}: has no .parquet files with rows`);
  if (files.every(({ rows }) => rows.unpacking.every((unpacking) => unpacking === -1)))
    throw new DataError('NO_IMAGE', `${name}: has no images: their bytes are null in all rows`);
  const message = files.map(wasteOf).find((one) => one !== undefined);
  if (message !== undefined) onMessage(message);
  return files;
}

const sizeOf = (path: string): number => pathStats(path)?.size ?? 0;

/** Says that a file's images are slow to read one by one, where they are. */
function wasteOf({ path, rows }: ListedFile): string | undefined {
  const own = rows.bytes.reduce((sum, bytes) => sum + bytes, 0);
  const unpacked = rows.pageSize.reduce((sum, bytes) => sum + bytes, 0);
  if (unpacked < WASTEFUL * own) return undefined;
  const codec = unpackings[rows.unpacking.find((unpacking) => unpacking > 1) ?? 0];
  const page = `${(unpacked / rows.length / 1e6).toFixed(1)} MB`;
  const reason = `an image costs a whole page of ${codec}, ${page} on average`;
  return `${path}: ${reason}; millrace import reads each page once, and files with Snappy or without compression need no more than the image`;
}
