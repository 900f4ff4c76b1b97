import { DataError, ParameterError } from '../../core/errors.ts';
import { namelessClass } from '../class-names.ts';
import { listsOfSamples } from '../columns/label-lists.ts';
import { numberedKey } from '../columns/numbered-keys.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { type CacheChoice, Listing, remoteOptionsOf } from '../opening/listing.ts';
import { type SourcePath, sourceName } from '../opening/source-path.ts';
import type { Split } from '../opening/split.ts';
import { chosenShards, sourcesOf, warnOfShards } from '../tar/chosen-shards.ts';
import type { ShardFormat } from '../tar/shard-format.ts';
import type { FeatureOptions } from './choose-features.ts';
import { type ExampleIndex, listExamples } from './list-examples.ts';
import { isRecordName } from './record-names.ts';
import type { TfRecordLocator, TfRecordReaderOptions } from './tf-record-reader.ts';

export interface TfRecordOptions extends FeatureOptions, CacheChoice {
  /** For files whose names say their split (`train-00000-of-01024`): which are taken. Default: 'train'; all of a list. */
  readonly split?: Split;
  /**
   * The class that becomes label 0. Default: 1 where the classes count from 1, which is where no record has the class 0
   * and the records name their classes (`image/class/synset`, `image/class/text`), or the highest class is their number;
   * else 0.
   */
  readonly labelOffset?: number;
  /**
   * Names of the labels 0, 1, 2, ... Default: those in `label.labels.txt` beside the records, or in the records
   * themselves; else the classes' numbers.
   */
  readonly classes?: readonly string[];
  /** Hears of empty files, which are passed over. Default: a warning of the process. */
  readonly onMessage?: ((message: string) => void) | undefined;
}

/**
 * Images in TFRecord files of tf.train.Example. `source` is a file, a folder of files that are named so (`*.tfrecord`,
 * `train-00000-of-01024`, `cifar10-train.tfrecord-00000-of-00001`; taken in sorted order), either with lists in braces,
 * or a list of these. Keys are the images' file names, where each record has one that no other has; else the class and
 * the sample's number. A record with several classes says that all may have several, or none. Else a record without a class
 * is a bad sample, and so is one whose data have a wrong checksum. A cut or compressed file, or a record without an image,
 * is an error.
 */
export async function tfRecords(
  source: string | readonly string[],
  options: TfRecordOptions = {},
): Promise<Dataset> {
  return Listing.of(sourcesOf(source), options, (listing) => listTfRecords(source, options, listing));
}

/** The same within a listing. */
export async function listTfRecords(
  source: string | readonly string[],
  options: TfRecordOptions,
  listing: Listing,
): Promise<Dataset> {
  checkOffset(options.labelOffset);
  const { name, paths, split } = await chosenShards(listing, source, options.split, recordFormat);
  if (paths.length === 0)
    throw new DataError('NO_SHARDS', `${name}: has no TFRecord files (*.tfrecord, ...)`);
  const { onMessage = warnOfShards } = options;
  const index = await listExamples(listing, paths, { ...options, onMessage });
  const { columns, labels, lists, classes, faults } = index;
  checkLabels(index, paths);
  const names = columns.names();
  const locator = (at: number): TfRecordLocator => columns.locator(at, faults.get(at));
  return defineDataset({
    name,
    ...(split !== undefined && { split }),
    length: columns.length,
    classes,
    key: (at) => names?.at(at) ?? numberedKey(classes[labels[at] as number], at, columns.length),
    label: (at) => labels[at] as number,
    ...listsOfSamples({ labels, lists }),
    locator,
    place: (at) => placeOf(locator(at), paths),
    byteLength: async (at) => columns.imageLength(at),
    reader: {
      module: new URL('./tf-record-reader.js', import.meta.url).href,
      options: { paths, remote: remoteOptionsOf(options) } satisfies TfRecordReaderOptions,
    },
  });
}

export const recordFormat: ShardFormat = {
  reader: 'tfRecords',
  example: 'train-000.tfrecord',
  isShardName: isRecordName,
};

function placeOf({ shard, start, imageOffset }: TfRecordLocator, paths: readonly SourcePath[]) {
  return { path: sourceName(paths[shard] as SourcePath), offset: start + imageOffset };
}

function checkOffset(offset: number | undefined): void {
  if (offset === undefined || (Number.isSafeInteger(offset) && offset >= 0)) return;
  const reason = `labelOffset must be an integer of 0 or more, got ${offset}`;
  throw new ParameterError('INVALID_OPTION', `tfRecords: ${reason}`);
}

/** A label below the offset, or beyond the classes that are named, is of another numbering than was thought. */
function checkLabels(
  { columns, labels, lists, classes, offset }: ExampleIndex,
  paths: readonly SourcePath[],
): void {
  // of a list the first is the lowest
  const highestOf = (at: number): number => lists?.get(at)?.at(-1) ?? (labels[at] as number);
  const at = labels.findIndex((lowest, i) => lowest < -1 || highestOf(i) >= classes.length);
  if (at === -1) return;
  const { shard, record } = columns.locator(at, undefined);
  const lowest = labels[at] as number;
  const label = lowest < -1 ? lowest : highestOf(at);
  const reason =
    label < 0
      ? `class ${label + offset + 1} is below labelOffset, ${offset}`
      : namelessClass(label, classes.length);
  throw new DataError(
    'INVALID_CLASS',
    `${sourceName(paths[shard] as SourcePath)}: record ${record}: ${reason}`,
  );
}
