import { statSync } from 'node:fs';
import { DataError } from '../../core/errors.ts';
import { equalTexts } from '../columns/equal-texts.ts';
import { LabelLists, type ListedLabels } from '../columns/label-lists.ts';
import { NumberColumn } from '../columns/number-column.ts';
import { RunColumn } from '../columns/run-column.ts';
import { TextColumn } from '../columns/text-column.ts';
import { systemPath } from '../opening/file-path.ts';
import type { ListFormat } from '../opening/kept-list.ts';
import type { Listing } from '../opening/listing.ts';
import { isRemoteFile, type SourcePath, sourceName } from '../opening/source-path.ts';
import { isFault, type Label, type LabelFault } from './sample-label.ts';
import { ShardClasses } from './shard-classes.ts';
import {
  type FoundLabel,
  labelFields,
  type MemberOptions,
  neighbours,
  splitName,
  type TarSample,
  tarSamples,
} from './tar-samples.ts';

export interface ListOptions extends MemberOptions {
  readonly classes?: readonly string[] | undefined;
  /** Hears of shards that are passed over because they are empty. */
  readonly onMessage: (message: string) => void;
}

/** Columns of samples: 12 bytes and 4 more than its name has for each of millions. */
export interface ShardIndex extends ListedLabels {
  /** Names of the images in their shards. */
  readonly keys: TextColumn;
  readonly shards: RunColumn;
  readonly offsets: NumberColumn;
  readonly lengths: NumberColumn;
  /** By index, why a sample has no class: few, in data that are any good. */
  readonly faults: ReadonlyMap<number, LabelFault>;
  readonly classes: readonly string[];
}

export async function listSamples(
  listing: Listing,
  paths: readonly SourcePath[],
  options: ListOptions,
): Promise<ShardIndex> {
  const columns = new Columns(paths, options);
  const empty: SourcePath[] = [];
  const unended: string[] = [];
  let shard = 0;
  for await (const samples of listing.items(paths, sampleList(options, unended))) {
    const before = columns.length;
    for (const sample of samples) columns.add(sample, shard);
    if (columns.length === before) empty.push(paths[shard] as SourcePath);
    shard++;
  }
  const [first] = empty;
  if (first !== undefined && empty.length === paths.length) throw withoutSamples(first);
  if (first !== undefined) options.onMessage(skippedShards(empty, paths.length));
  if (unended.length > 0) options.onMessage(unendedShards(unended, paths.length));
  return columns.finish();
}

type PackedSample = [name: string, offset: number, length: number, ...found: FoundLabel[]];

/** @param unended takes the paths of shards that may be cut, which are listed anew each time: each time it is said */
const sampleList = (
  { imageMember, labelKey }: MemberOptions,
  unended: string[],
): ListFormat<TarSample, PackedSample> => ({
  name: `samples 1 ${JSON.stringify([imageMember ?? null, labelKey ?? null])}`,
  parse: (file) => tarSamples(file, { imageMember, labelKey, onUnended: () => unended.push(file.path) }),
  isKept: ({ path }) => !unended.includes(path),
  pack: ({ image: { name, offset, length }, found }) => [name, offset, length, ...(found ? [found] : [])],
  unpack: ([name, offset, length, found]) => ({
    key: splitName(name)[0],
    image: { name, isFile: true, offset, length },
    found,
  }),
});

function withoutSamples(shard: SourcePath): DataError {
  const path = sourceName(shard);
  const size = isRemoteFile(shard) ? shard.size : statSync(systemPath(shard)).size;
  if (size === 0) return new DataError('NOT_A_TAR', `${path}: is not a tar (it is empty)`);
  return new DataError('EMPTY_SHARD', `${path}: has no samples (expected <key>.jpg and <key>.cls, ...)`);
}

const SHOWN_SHARDS = 5;

/** Says which of several shards have no samples. */
export const skippedShards = (empty: readonly SourcePath[], count: number): string =>
  `${empty.length} of ${count} shards skipped, which have no samples: ${firstOf(empty.map(sourceName))}`;

const unendedShards = (paths: readonly string[], count: number): string =>
  `${paths.length} of ${count} shards end without the zeros that end a tar, and may be cut: ${firstOf(paths)}`;

const firstOf = (paths: readonly string[]): string =>
  `${paths.slice(0, SHOWN_SHARDS).join(', ')}${paths.length > SHOWN_SHARDS ? ', ...' : ''}`;

class Columns {
  readonly #paths: readonly SourcePath[];
  readonly #labelKey: string | undefined;
  /** By the field in which they are: those of captions in .txt are none where there is .cls. */
  readonly #classes: readonly ShardClasses[];
  /** Of each sample, the index of the field that has its class; `none` where there is none. */
  readonly #ranks = new RunColumn();
  readonly #keys = new TextColumn();
  readonly #labels = new LabelLists();
  readonly #shards = new RunColumn();
  readonly #offsets = new NumberColumn();
  readonly #lengths = new NumberColumn();
  readonly #faults = new Map<number, LabelFault>();

  constructor(paths: readonly SourcePath[], { classes, labelKey }: ListOptions) {
    this.#paths = paths;
    this.#labelKey = labelKey;
    this.#classes = labelFields.map(() => new ShardClasses(classes));
  }

  get length(): number {
    return this.#keys.length;
  }

  #pathOf(shard: number): string {
    return sourceName(this.#paths[shard] as SourcePath);
  }

  add({ image, found }: TarSample, shard: number): void {
    this.#addLabel(found, image.name, this.#pathOf(shard));
    this.#keys.push(image.name);
    this.#shards.push(shard);
    this.#offsets.push(image.offset);
    this.#lengths.push(image.length);
  }

  #addLabel(found: FoundLabel | undefined, key: string, path: string): void {
    const { rank, label } = found ?? { rank: none, label: undefined };
    this.#ranks.push(rank);
    const numberOf = (one: Label): number =>
      (this.#classes[rank] as ShardClasses).add({ label: one, key, path });
    if (isFault(label)) this.#faults.set(this.length, label);
    if (label === undefined || isFault(label)) this.#labels.add(-1);
    else this.#labels.add(Array.isArray(label) ? label.map(numberOf) : numberOf(label as Label));
  }

  finish(): ShardIndex {
    this.#checkKeys();
    const best = this.#classes.findIndex(({ isEmpty }) => !isEmpty);
    if (best === -1) throw this.#withoutClasses();
    for (let index = 0; index < this.length; index++)
      if (this.#ranks.at(index) > best) this.#dropLabel(index, best);
    const numbers = this.#labels.numbers();
    const classes = (this.#classes[best] as ShardClasses).number(numbers);
    return {
      ...this.#labels.finish(numbers),
      keys: this.#keys,
      classes,
      shards: this.#shards,
      offsets: this.#offsets,
      lengths: this.#lengths,
      faults: this.#faults,
    };
  }

  /** Of two samples with one key, one would take the other's members. */
  #checkKeys(): void {
    const keyOf = (index: number) => splitName(this.#keys.at(index))[0];
    const equal = equalTexts(this.length, keyOf);
    if (equal === undefined) return;
    const [first, second] = equal;
    const [path, other] = [second, first].map((index) => this.#pathOf(this.#shards.at(index)));
    const sample = this.#keys.at(second);
    const reason = `there is a sample with the key ${keyOf(second)} already, in ${other}`;
    throw new DataError('DUPLICATE_KEY', `${path}: ${sample}: ${reason}`, { sample });
  }

  /** Of a sample that has no member of the field in which the others have their classes. */
  #dropLabel(index: number, best: number): void {
    this.#labels.drop(index);
    this.#faults.set(index, noClass(this.#keys.at(index), `${labelFields[best]} next to it`));
  }

  /** Not one sample says its class: that is no accident, as it would be of a few. */
  #withoutClasses(): DataError {
    const key = this.#keys.at(0);
    const fields = this.#labelKey === undefined ? 'cls next to it, or .txt or .json' : 'json next to it';
    const { code, message } = this.#faults.get(0) ?? noClass(key, fields);
    const text =
      code === 'NO_CLASS'
        ? `${key}: ${message}; if folders are the classes, unpack the tar and name the folder`
        : message;
    return new DataError(code, `${this.#pathOf(this.#shards.at(0))}: ${text}`, { sample: key });
  }
}

/** After all fields. */
const none = labelFields.length;

const noClass = (image: string, expected: string): LabelFault => ({
  code: 'NO_CLASS',
  message: `sample has no class (expected ${splitName(image)[0]}.${expected}: ${neighbours})`,
});
