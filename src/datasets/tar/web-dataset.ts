import { DataError } from '../../core/errors.ts';
import { namelessClass, numberedClasses } from '../class-names.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { type FilePath, pathIn, pathInWords } from '../file-path.ts';
import { FileWindow } from '../file-window.ts';
import { byCodeUnit, isFolderPath, listFolder } from '../folder/folders.ts';
import { type Split, splitNamed } from '../split.ts';
import { shardsOfSplit } from './shard-splits.ts';
import type { TarLocator, TarReaderOptions } from './tar-reader.ts';
import { type TarSample, tarSamples } from './tar-samples.ts';

export interface WebDatasetOptions {
  /** For shards whose names say their split (`train-000.tar`): which are taken. Default: 'train'; all of a list. */
  readonly split?: Split;
  /** Names of the classes 0, 1, 2, ... Default: their numbers, up to the highest that there is. */
  readonly classes?: readonly string[];
}

/**
 * Images in tar shards, in WebDataset's convention: `000123.jpg` and `000123.cls` (the class, an integer in text) follow
 * one another. `source` is a .tar file, a folder of them (taken in sorted order), or a list of either. Keys are the
 * images' names in the shard. Hidden members and other extensions are passed over; an incomplete sample, one that is
 * there twice, a cut or compressed shard, or one without samples is an error.
 */
export function webDataset(source: string | readonly string[], options: WebDatasetOptions = {}): Dataset {
  const { name, paths, split } = chosenShards(source, options.split);
  if (paths.length === 0) throw new DataError('NO_SHARDS', `${name}: has no .tar files`);
  const { keys, labels, shards, offsets, lengths } = listSamples(paths, options.classes);
  const locator = (index: number): TarLocator => [
    shards[index] as number,
    offsets[index] as number,
    lengths[index] as number,
  ];
  return defineDataset({
    name,
    ...(split !== undefined && { split }),
    length: keys.length,
    classes: options.classes ?? numberedClasses(labels),
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

/** Names of the shards in a folder, sorted. */
export function shardsIn(folder: string): string[] {
  return listFolder(folder)
    .map(({ name }) => name)
    .filter(isShardName)
    .sort(byCodeUnit);
}

/** The shards that a source names, or those of a split. */
function chosenShards(source: string | readonly string[], wanted: Split | undefined) {
  const sources = typeof source === 'string' ? [source] : source;
  const all = sources.flatMap(listShards);
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

/** Columns of samples: five numbers and a name for each of millions. */
function listSamples(paths: readonly FilePath[], classes: readonly string[] | undefined) {
  const [keys, labels, shards, offsets, lengths]: [string[], number[], number[], number[], number[]] = [
    [],
    [],
    [],
    [],
    [],
  ];
  const shardOf = new Map<string, number>();
  for (const [shard, path] of paths.entries()) {
    for (const sample of samplesIn(path)) {
      const other = paths[shardOf.get(sample.key) ?? -1];
      checkSample(sample, pathInWords(path), classes, other === undefined ? other : pathInWords(other));
      shardOf.set(sample.key, shard);
      keys.push(sample.image.name);
      labels.push(sample.label);
      shards.push(shard);
      offsets.push(sample.image.offset);
      lengths.push(sample.image.length);
    }
  }
  return {
    keys,
    labels: Int32Array.from(labels),
    shards: Uint32Array.from(shards),
    offsets: Float64Array.from(offsets),
    lengths: Float64Array.from(lengths),
  };
}

function* samplesIn(path: FilePath): Generator<TarSample> {
  const file = new FileWindow(path);
  try {
    let count = 0;
    for (const sample of tarSamples(file)) {
      count++;
      yield sample;
    }
    if (count === 0)
      throw new DataError(
        'EMPTY_SHARD',
        `${file.path}: has no samples (expected <key>.jpg and <key>.cls, ...)`,
      );
  } finally {
    file.close();
  }
}

function checkSample(
  { key, image, label }: TarSample,
  path: string,
  classes: readonly string[] | undefined,
  other: string | undefined,
): void {
  const context = { sample: image.name };
  if (other !== undefined) {
    const reason = `there is a sample with the key ${key} already, in ${other}`;
    throw new DataError('DUPLICATE_KEY', `${path}: ${image.name}: ${reason}`, context);
  }
  if (classes !== undefined && label >= classes.length) {
    const reason = namelessClass(label, classes.length);
    throw new DataError('INVALID_CLASS', `${path}: ${image.name}: ${reason}`, context);
  }
}
