import { DataError } from '../../core/errors.ts';
import { inOrder, type Listing } from '../opening/listing.ts';
import { pathStats } from '../opening/path-stats.ts';
import { isRemoteFile, type SourcePath, sourceName } from '../opening/source-path.ts';
import type { ChosenShards } from '../tar/chosen-shards.ts';
import { unpackings } from './codecs.ts';
import type { ColumnOptions } from './columns.ts';
import type { ListedFile } from './file-labels.ts';
import { rowsOf } from './kept-index.ts';

export interface ListFilesOptions extends ColumnOptions {
  readonly onMessage?: ((message: string) => void) | undefined;
}

/** What takes longer to list than people like to wait without a word. */
const MANY_BYTES = 2e9;
const MANY_REMOTE_BYTES = 1e8;
/** From so many times its bytes on, reading an image is slow. */
const WASTEFUL = 6;

/** The files that have rows. */
export async function listFiles(
  listing: Listing,
  { name, paths }: Pick<ChosenShards, 'name' | 'paths'>,
  options: ListFilesOptions,
): Promise<ListedFile[]> {
  const { onMessage = () => {} } = options;
  let isSaid = false;
  const sayOnce = (): void => {
    const bytes = isSaid ? 0 : paths.reduce((sum, path) => sum + sizeOf(path), 0);
    isSaid = true;
    if (bytes < (paths.some(isRemoteFile) ? MANY_REMOTE_BYTES : MANY_BYTES)) return;
    const size = `${(bytes / 1e9).toFixed(1)} GB`;
    onMessage(`${name}: reads ${size} once, to list the rows; what is found is kept for the next time`);
  };
  const files: ListedFile[] = [];
  for await (const rows of inOrder(paths, (path) => rowsOf(path, options, listing, sayOnce)))
    files.push({ ...named(paths[files.length] as SourcePath), rows });
  const filled = files.filter(({ rows }) => rows.length > 0);
  if (filled.length === 0) throw new DataError('NO_ROWS', `${name}: has no .parquet files with rows`);
  if (filled.every(({ rows }) => rows.unpacking.find((unpacking) => unpacking !== -1) === undefined))
    throw new DataError('NO_IMAGE', `${name}: has no images: their bytes are null in all rows`);
  const message = filled.map(wasteOf).find((one) => one !== undefined);
  if (message !== undefined) onMessage(message);
  return filled;
}

const named = (source: SourcePath) => ({ source, path: sourceName(source) });

const sizeOf = (path: SourcePath): number => (isRemoteFile(path) ? path.size : (pathStats(path)?.size ?? 0));

/** Says that a file's images are slow to read one by one, where they are. */
function wasteOf({ path, rows }: ListedFile): string | undefined {
  const [own, unpacked] = [rows.bytes.sum, rows.pageSize.sum];
  if (unpacked < WASTEFUL * own) return undefined;
  const codec = unpackings[rows.unpacking.find((unpacking) => unpacking > 1) ?? 0];
  const page = `${(unpacked / rows.length / 1e6).toFixed(1)} MB`;
  const reason = `an image costs a whole page of ${codec}, ${page} on average`;
  return `${path}: ${reason}; millrace import reads each page once, and files with Snappy or without compression need no more than the image`;
}
