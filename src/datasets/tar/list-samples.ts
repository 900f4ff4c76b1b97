import { statSync } from 'node:fs';
import { DataError } from '../../core/errors.ts';
import { equalTexts } from '../equal-texts.ts';
import { type FilePath, pathInWords, systemPath } from '../file-path.ts';
import { FileWindow } from '../file-window.ts';
import { NumberColumn } from '../number-column.ts';
import { RunColumn } from '../run-column.ts';
import { TextColumn } from '../text-column.ts';
import type { LabelFault } from './sample-label.ts';
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
export interface ShardIndex {
  /** Names of the images in their shards. */
  readonly keys: TextColumn;
  /** -1 where there is no class that can be used. */
  readonly labels: Int32Array;
  readonly shards: RunColumn;
  readonly offsets: NumberColumn;
  readonly lengths: NumberColumn;
  /** By index, why a sample has no class: few, in data that are any good. */
  readonly faults: ReadonlyMap<number, LabelFault>;
  readonly classes: readonly string[];
}

export function listSamples(paths: readonly FilePath[], options: ListOptions): ShardIndex {
  const columns = new Columns(paths, options);
  const empty = paths.filter((path, shard) => !addShard(columns, path, shard, options));
  const [first] = empty;
  if (first !== undefined && empty.length === paths.length) throw withoutSamples(first);
  if (first !== undefined) options.onMessage(skippedShards(empty, paths.length));
  return columns.finish();
}

/** Whether there are samples in the shard. */
function addShard(columns: Columns, path: FilePath, shard: number, options: ListOptions): boolean {
  const before = columns.length;
  const file = new FileWindow(path);
  try {
    for (const sample of tarSamples(file, options)) columns.add(sample, shard);
  } finally {
    file.close();
  }
  return columns.length > before;
}

function withoutSamples(shard: FilePath): DataError {
  const path = pathInWords(shard);
  if (statSync(systemPath(shard)).size === 0)
    return new DataError('NOT_A_TAR', `${path}: is not a tar (it is empty)`);
  return new DataError('EMPTY_SHARD', `${path}: has no samples (expected <key>.jpg and <key>.cls, ...)`);
}

const SHOWN_SHARDS = 5;

/** Says which of several shards have no samples. */
export function skippedShards(empty: readonly FilePath[], count: number): string {
  const names = empty.slice(0, SHOWN_SHARDS).map(pathInWords).join(', ');
  const more = empty.length > SHOWN_SHARDS ? ', ...' : '';
  return `${empty.length} of ${count} shards skipped, which have no samples: ${names}${more}`;
}

class Columns {
  readonly #paths: readonly FilePath[];
  readonly #labelKey: string | undefined;
  /** By the field in which they are: those of captions in .txt are none where there is .cls. */
  readonly #classes: readonly ShardClasses[];
  /** Of each sample, the index of the field that has its class; `none` where there is none. */
  readonly #ranks = new RunColumn();
  readonly #keys = new TextColumn();
  /** Each one more, so that none is below 0. */
  readonly #labels = new NumberColumn();
  readonly #shards = new RunColumn();
  readonly #offsets = new NumberColumn();
  readonly #lengths = new NumberColumn();
  readonly #faults = new Map<number, LabelFault>();

  constructor(paths: readonly FilePath[], { classes, labelKey }: ListOptions) {
    this.#paths = paths;
    this.#labelKey = labelKey;
    this.#classes = labelFields.map(() => new ShardClasses(classes));
  }

  get length(): number {
    return this.#keys.length;
  }

  add({ image, found }: TarSample, shard: number): void {
    this.#addLabel(found, image.name, pathInWords(this.#paths[shard] as FilePath));
    this.#keys.push(image.name);
    this.#shards.push(shard);
    this.#offsets.push(image.offset);
    this.#lengths.push(image.length);
  }

  #addLabel(found: FoundLabel | undefined, key: string, path: string): void {
    const { rank, label } = found ?? { rank: none, label: undefined };
    if (typeof label === 'object') this.#faults.set(this.length, label);
    const isLabel = typeof label === 'string' || typeof label === 'number';
    this.#ranks.push(rank);
    this.#labels.push(isLabel ? (this.#classes[rank] as ShardClasses).add({ label, key, path }) + 1 : 0);
  }

  finish(): ShardIndex {
    this.#checkKeys();
    const best = this.#classes.findIndex(({ isEmpty }) => !isEmpty);
    if (best === -1) throw this.#withoutClasses();
    const labels = Int32Array.from(this.#labels, (number) => number - 1);
    for (let index = 0; index < labels.length; index++)
      if (this.#ranks.at(index) > best) this.#dropLabel(labels, index, best);
    return {
      keys: this.#keys,
      classes: (this.#classes[best] as ShardClasses).number(labels),
      labels,
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
    const [path, other] = [second, first].map((index) =>
      pathInWords(this.#paths[this.#shards.at(index)] as FilePath),
    );
    const sample = this.#keys.at(second);
    const reason = `there is a sample with the key ${keyOf(second)} already, in ${other}`;
    throw new DataError('DUPLICATE_KEY', `${path}: ${sample}: ${reason}`, { sample });
  }

  /** Of a sample that has no member of the field in which the others have their classes. */
  #dropLabel(labels: Int32Array, index: number, best: number): void {
    labels[index] = -1;
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
    return new DataError(code, `${this.#paths[this.#shards.at(0)]}: ${text}`, { sample: key });
  }
}

/** After all fields. */
const none = labelFields.length;

const noClass = (image: string, expected: string): LabelFault => ({
  code: 'NO_CLASS',
  message: `sample has no class (expected ${splitName(image)[0]}.${expected}: ${neighbours})`,
});
