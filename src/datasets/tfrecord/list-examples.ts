import { DataError } from '../../core/errors.ts';
import type { ListFormat } from '../opening/kept-list.ts';
import type { Listing } from '../opening/listing.ts';
import { type SourcePath, sourceName } from '../opening/source-path.ts';
import type { ByteWindow } from '../pieces/file-window.ts';
import { skippedShards } from '../tar/list-samples.ts';
import { chooseFeatures, type FeatureNames, type FeatureOptions } from './choose-features.ts';
import { classesBeside } from './class-files.ts';
import { ExampleColumns } from './example-columns.ts';
import { ExampleLabels, type FinishedLabels } from './example-labels.ts';
import type { NumberingOptions } from './number-classes.ts';
import { type ReadRecord, readRecord, recordError, recordFeatures } from './read-record.ts';
import { type RecordFrame, recordFrames } from './record-frames.ts';

export interface ListExamplesOptions extends FeatureOptions, NumberingOptions {
  /** Hears of files that are passed over because they are empty. */
  readonly onMessage: (message: string) => void;
}

export interface ExampleIndex extends FinishedLabels {
  readonly columns: ExampleColumns;
}

/** The samples of several files, in order. The features of the first one say which are looked for in all. */
export async function listExamples(
  listing: Listing,
  paths: readonly SourcePath[],
  options: ListExamplesOptions,
): Promise<ExampleIndex> {
  const names = await firstNames(listing, paths, options);
  const [first] = paths as [SourcePath];
  if (names === undefined)
    throw new DataError('EMPTY_SHARD', `${sourceName(first)}: has no records (it is empty)`);
  const columns = new ExampleColumns();
  const labels = new ExampleLabels(options.classes);
  const empty: SourcePath[] = [];
  let shard = 0;
  for await (const examples of listing.items(paths, exampleList(names))) {
    const path = paths[shard] as SourcePath;
    const before = columns.length;
    for (const { read, frame } of examples) {
      labels.add(read, { path: sourceName(path), record: frame.record });
      columns.add(read, frame, shard);
    }
    if (columns.length === before) empty.push(path);
    shard++;
  }
  if (empty.length > 0) options.onMessage(skippedShards(empty, paths.length));
  const beside = () => classesBeside(listing, first, names.label ?? '');
  return { columns, ...(await labels.finish(sourceName(first), names.label, options, beside)) };
}

/** By the first record that there is; undefined where there is none. */
async function firstNames(
  listing: Listing,
  paths: readonly SourcePath[],
  options: FeatureOptions,
): Promise<FeatureNames | undefined> {
  for (const path of paths) for (const names of await listing.itemsOf(path, nameList(options))) return names;
  return undefined;
}

const nameList = (options: FeatureOptions): ListFormat<FeatureNames> => ({
  name: `features 1 ${JSON.stringify([options.imageFeature ?? null, options.labelFeature ?? null])}`,
  *parse(file) {
    for (const frame of recordFrames(file)) {
      if (frame instanceof Promise) yield frame;
      else return yield namesIn(file, frame, options);
    }
  },
  pack: (names) => names,
  unpack: (packed) => {
    const { image, label, fileName, className } = packed as FeatureNames;
    return { image, label, fileName, className };
  },
});

/** A record and where it is. */
interface FramedRecord {
  readonly read: ReadRecord;
  readonly frame: RecordFrame;
}

type PackedExample = [
  frame: readonly number[],
  image: readonly number[],
  names: readonly (string | null)[],
  ...label: Exclude<ReadRecord['label'], undefined>[],
];

const exampleList = (names: FeatureNames): ListFormat<FramedRecord, PackedExample> => ({
  name: `examples 1 ${JSON.stringify(names)}`,
  parse: (file) => examplesIn(file, names),
  pack: ({ read: { image, label, fileName, className }, frame: { record, start, end } }) => [
    ...([
      [record, start, end],
      [image.start, image.end],
      [fileName ?? null, className ?? null],
    ] as const),
    ...(label === undefined ? [] : [label]),
  ],
  unpack: ([frame, image, names, label]) => {
    const [record, start, end] = frame as [number, number, number];
    const [imageStart, imageEnd] = image as [number, number];
    const [fileName, className] = names.map((name) => name ?? undefined);
    const read = { image: { start: imageStart, end: imageEnd }, label, fileName, className };
    return { read, frame: { record, start, end } };
  },
});

function* examplesIn(file: ByteWindow, names: FeatureNames): Generator<FramedRecord | Promise<void>> {
  for (const frame of recordFrames(file))
    yield frame instanceof Promise ? frame : { read: readRecord(file, frame, names), frame };
}

const SHOWN_FEATURES = 20;

function namesIn(file: ByteWindow, frame: RecordFrame, options: FeatureOptions): FeatureNames {
  const features = recordFeatures(file, frame, () => true);
  const names = chooseFeatures(features, options);
  if (names !== undefined) return names;
  const found = [...features].slice(0, SHOWN_FEATURES).map(([name, { kind }]) => `${name} (${kind})`);
  const expected = options.imageFeature ?? 'image/encoded, image or img';
  const reason = `has no feature ${expected} with bytes (imageFeature, --image-member)`;
  throw recordError(file, frame, 'NO_IMAGE', `${reason}; its features are: ${found.join(', ') || 'none'}`);
}
