import { listOf } from '../../core/multi-labels.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { type CacheChoice, Listing, remoteOptionsOf } from '../opening/listing.ts';
import type { Split } from '../opening/split.ts';
import { chosenShards, sourcesOf } from '../tar/chosen-shards.ts';
import type { ShardFormat } from '../tar/shard-format.ts';
import type { ColumnOptions } from './columns.ts';
import { classesOf, type ListedFile } from './file-labels.ts';
import { listFiles } from './list-files.ts';
import type { ParquetLocator, ParquetReaderOptions } from './parquet-reader.ts';
import { keysOf } from './row-keys.ts';
import { type RowPlace, RowsOfFiles } from './rows-of-files.ts';

export interface ParquetOptions extends ColumnOptions, CacheChoice {
  /** For files whose names say their split (`train-00000-of-00002.parquet`): which are taken. Default: 'train'; all of a list. */
  readonly split?: Split;
  /** Names of the classes 0, 1, 2, ... Default: the file's own; the texts, sorted; or their numbers, up to the highest. */
  readonly classes?: readonly string[];
  /** Hears that files are listed, where that takes some time, and of images that cost far more than their bytes. */
  readonly onMessage?: ((message: string) => void) | undefined;
}

/**
 * Images in Parquet files as the Hugging Face hub has them: a column of `{ bytes, path }`, and one of classes, by number or
 * by name, or of lists of them for rows of several classes. `source` is a .parquet file, a folder of them (taken in sorted
 * order), either with lists in braces, or a list of these. Keys are the images' paths where all rows have one, and each
 * another one; else `<class>/<number>`. A file is read once, to list its rows; what was found is kept beside it, or in the
 * user's cache folder. A row whose image is null is a bad sample; a class that is null is -1.
 */
export async function parquet(
  source: string | readonly string[],
  options: ParquetOptions = {},
): Promise<Dataset> {
  return Listing.of(sourcesOf(source), options, (listing) => listParquet(source, options, listing));
}

/** The same within a listing. */
export async function listParquet(
  source: string | readonly string[],
  options: ParquetOptions,
  listing: Listing,
): Promise<Dataset> {
  const shards = await chosenShards(listing, source, options.split, parquetFormat);
  const { name, split } = shards;
  const files = await listFiles(listing, shards, options);
  const { classes, numbers } = classesOf(files, options.classes);
  const rows = new RowsOfFiles(files);
  const isOfLists = files.some((one) => one.rows.lists !== undefined);
  const labels = (index: number): number[] => {
    const { file, row } = rows.at(index);
    const { lists, label } = (files[file] as ListedFile).rows;
    return listOf({ label: label.at(row), ...(lists && { labels: lists.at(row) }) })
      .map((own) => numbers[file]?.[own] ?? own)
      .sort((a, b) => a - b);
  };
  const label = (index: number): number => labels(index)[0] ?? -1;
  return defineDataset({
    name,
    ...(split !== undefined && { split }),
    length: rows.length,
    classes,
    key: keysOf(files, rows, (index) => classes[label(index)]),
    label,
    ...(isOfLists && { labels }),
    locator: (index) => locatorOf(files, rows.at(index)),
    place: (index) => {
      const { file, row } = rows.at(index);
      return { path: (files[file] as ListedFile).path, record: row };
    },
    byteLength: async (index) => {
      const { file, row } = rows.at(index);
      return (files[file] as ListedFile).rows.bytes.at(row);
    },
    reader: {
      module: new URL('./parquet-reader.js', import.meta.url).href,
      options: {
        paths: files.map((file) => file.source),
        remote: remoteOptionsOf(options),
      } satisfies ParquetReaderOptions,
    },
  });
}

function locatorOf(files: readonly ListedFile[], { file, row }: RowPlace): ParquetLocator {
  const { offset, stored, position, bytes, crc, pageSize, unpacking } = (files[file] as ListedFile).rows;
  const image = [offset.at(row), stored.at(row), position.at(row), bytes.at(row), crc.at(row)] as const;
  return [file, row, ...image, pageSize.at(row), unpacking.at(row)];
}

/** How Parquet files are told by their names. */
export const parquetFormat: ShardFormat = {
  reader: 'parquet',
  example: 'train-000.parquet',
  isShardName: (name) => /\.parquet$/i.test(name),
};
