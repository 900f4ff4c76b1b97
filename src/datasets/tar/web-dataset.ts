import { DataError } from '../../core/errors.ts';
import { listsOfSamples } from '../columns/label-lists.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { type CacheChoice, Listing, remoteOptionsOf } from '../opening/listing.ts';
import { type SourcePath, sourceName } from '../opening/source-path.ts';
import type { Split } from '../opening/split.ts';
import { chosenShards, sourcesOf, warnOfShards } from './chosen-shards.ts';
import { listSamples } from './list-samples.ts';
import type { ShardFormat } from './shard-format.ts';
import type { TarLocator, TarReaderOptions } from './tar-reader.ts';
import type { MemberOptions } from './tar-samples.ts';

export interface WebDatasetOptions extends MemberOptions, CacheChoice {
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
 * follow one another; the class may also be in `.txt` or `.json`, there also as a list, of samples that may have several
 * classes. `source` is a .tar file, a folder of them (taken in sorted order), either with lists in braces (`{000..009}`,
 * `{a,b}`), or a list of these. Keys are the images' names in the shard. Hidden members and other extensions are passed
 * over, and so are empty shards among others. A sample without a class is a bad sample. One without an image or that is
 * there twice, a cut or compressed shard, or data without any sample are an error.
 */
export async function webDataset(
  source: string | readonly string[],
  options: WebDatasetOptions = {},
): Promise<Dataset> {
  return Listing.of(sourcesOf(source), options, (listing) => listWebDataset(source, options, listing));
}

/** The same within a listing. */
export async function listWebDataset(
  source: string | readonly string[],
  options: WebDatasetOptions,
  listing: Listing,
): Promise<Dataset> {
  const { name, paths, split } = await chosenShards(listing, source, options.split, webDatasetFormat);
  if (paths.length === 0) throw new DataError('NO_SHARDS', `${name}: has no .tar files`);
  const { onMessage = warnOfShards } = options;
  const index = await listSamples(listing, paths, { ...options, onMessage });
  const { keys, labels, lists, shards, offsets, lengths, faults, classes } = index;
  const at = (index: number) => [shards.at(index), offsets.at(index), lengths.at(index)] as const;
  const locator = (index: number): TarLocator => {
    const fault = faults.get(index);
    return fault === undefined ? at(index) : [...at(index), fault];
  };
  return defineDataset({
    name,
    ...(split !== undefined && { split }),
    length: keys.length,
    classes,
    key: (index) => keys.at(index),
    label: (index) => labels[index] as number,
    ...listsOfSamples({ labels, lists }),
    locator,
    place: (index) => ({
      path: sourceName(paths[shards.at(index)] as SourcePath),
      offset: offsets.at(index),
    }),
    byteLength: async (index) => lengths.at(index),
    reader: {
      module: new URL('./tar-reader.js', import.meta.url).href,
      options: { paths, remote: remoteOptionsOf(options) } satisfies TarReaderOptions,
    },
  });
}

/** Compressed ones too, to refuse them by name instead of passing over their samples. */
const isShardName = (name: string): boolean => /\.(tar(\.(gz|zst|bz2|xz|lz4))?|tgz)$/i.test(name);

export const webDatasetFormat: ShardFormat = { reader: 'webDataset', isShardName };
