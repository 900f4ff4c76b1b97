import { existsSync } from 'node:fs';
import { DataError } from '../../core/errors.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { type FilePath, pathIn, pathInWords } from '../file-path.ts';
import { byCodeUnit, isFolderPath, listFolder } from '../folder/folders.ts';
import { type Split, splitNamed } from '../split.ts';
import { expandBraces, hasBraceList } from './brace-list.ts';
import { listSamples } from './list-samples.ts';
import { shardsOfSplit } from './shard-splits.ts';
import type { TarLocator, TarReaderOptions } from './tar-reader.ts';
import type { MemberOptions } from './tar-samples.ts';

export interface WebDatasetOptions extends MemberOptions {
  /** For shards whose names say their split (`train-000.tar`): which are taken. Default: 'train'; all of a list. */
  readonly split?: Split;
  /**
   * Names of the classes 0, 1, 2, ... Default: the names that the samples say, sorted; or their numbers, up to the highest
   * that there is.
   */
  readonly classes?: readonly string[];
  /** Hears of empty shards, which are passed over. Default: a warning of the process. */
  readonly onMessage?: ((message: string) => void) | undefined;
}

/**
 * Images in tar shards, in WebDataset's convention: `000123.jpg` and `000123.cls` (the class in text, its number or name)
 * follow one another; the class may also be in `.txt` or `.json`. `source` is a .tar file, a folder of them (taken in
 * sorted order), either with lists in braces (`{000..009}`, `{a,b}`), or a list of these. Keys are the images' names in
 * the shard. Hidden members and other extensions are passed over, and so are empty shards among others. A sample without
 * a class is a bad sample. One without an image or that is there twice, a cut or compressed shard, or data without any
 * sample are an error.
 */
export function webDataset(source: string | readonly string[], options: WebDatasetOptions = {}): Dataset {
  const { name, paths, split } = chosenShards(source, options.split);
  if (paths.length === 0) throw new DataError('NO_SHARDS', `${name}: has no .tar files`);
  const { onMessage = warn } = options;
  const { keys, labels, shards, offsets, lengths, faults, classes } = listSamples(paths, {
    ...options,
    onMessage,
  });
  const at = (index: number) =>
    [shards[index] as number, offsets[index] as number, lengths[index] as number] as const;
  const locator = (index: number): TarLocator => {
    const fault = faults.get(index);
    return fault === undefined ? at(index) : [...at(index), fault];
  };
  return defineDataset({
    name,
    ...(split !== undefined && { split }),
    length: keys.length,
    classes,
    key: (index) => keys[index] as string,
    label: (index) => labels[index] as number,
    locator,
    place: (index) => ({
      path: pathInWords(paths[shards[index] as number] as FilePath),
      offset: offsets[index] as number,
    }),
    byteLength: async (index) => lengths[index] as number,
    reader: {
      module: new URL('./tar-reader.js', import.meta.url).href,
      options: { paths } satisfies TarReaderOptions,
    },
  });
}

/** Compressed ones too, to refuse them by name instead of passing over their samples. */
export function isShardName(name: string): boolean {
  return /\.(tar(\.(gz|zst|bz2|xz|lz4))?|tgz)$/i.test(name);
}

/** Whether a path is a list in braces, and not the name of something that is there. */
export const isShardList = (path: string): boolean => hasBraceList(path) && !existsSync(path);

/** Names of the shards in a folder, sorted. */
export function shardsIn(folder: string): string[] {
  return listFolder(folder)
    .map(({ name }) => name)
    .filter(isShardName)
    .sort(byCodeUnit);
}

const listPaths = (path: string): string[] => (isShardList(path) ? expandBraces(path) : [path]);

/** The shards that a source names, or those of a split. */
function chosenShards(source: string | readonly string[], wanted: Split | undefined) {
  const sources = typeof source === 'string' ? [source] : source;
  const all = sources.flatMap(listPaths).flatMap(listShards);
  const own = sources.length === 1 ? (sources[0] as string) : `${all.length} shards`;
  // a list names its shards outright
  const isListed = typeof source !== 'string' && wanted === undefined;
  const chosen = isListed ? { paths: all } : shardsOfSplit(own, all, wanted);
  const split = chosen.split ?? (sources.length === 1 ? splitNamed(own).split : undefined);
  const isPart = chosen.paths.length < all.length;
  return { name: `webDataset(${own}${isPart ? `, ${split}` : ''})`, paths: chosen.paths, split };
}

function listShards(path: string): FilePath[] {
  if (!isFolderPath(path)) return [path];
  return shardsIn(path).map((name) => pathIn(path, name));
}

function warn(message: string): void {
  process.emitWarning(message, { code: 'MILLRACE_EMPTY_SHARDS' });
}
