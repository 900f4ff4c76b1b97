import { isAbsolute, posix } from 'node:path';
import { DataError, ParameterError } from '../../core/errors.ts';
import { isRemote } from '../../remote/remote-file.ts';
import { byCodeUnit } from '../folder/folders.ts';
import { type Split, splitCalled, splits } from '../opening/split.ts';
import type { Label } from '../tar/sample-label.ts';
import { ShardClasses } from '../tar/shard-classes.ts';
import { keyOfAddress } from './image-address.ts';
import { lineError, lineInWords, type ManifestColumns, type ManifestRow } from './manifest-row.ts';

export interface ListManifestOptions extends ManifestColumns {
  /** Which rows are taken, where they say their split. */
  readonly split?: Split | undefined;
  /** Names of the classes that are numbers. */
  readonly classes?: readonly string[] | undefined;
  /** The folder that paths are in, absolute; or its address. */
  readonly root: string;
  /** An image's address without what gives access to it, which is kept. */
  plainUrl(address: string): string;
}

/** What a manifest lists: columns, since there may be millions of rows. */
export interface ManifestIndex {
  readonly keys: readonly string[];
  /** The classes of all samples, one after the other. */
  readonly labels: Int32Array;
  /** Where the classes of a sample end in `labels`; those of the next begin there. */
  readonly ends: Uint32Array;
  /** Whether a sample may have several, or an empty list of them. */
  readonly hasSeveral: boolean;
  readonly classes: readonly string[];
  /** Whether the classes are numbers, and without names. */
  readonly isNumbered: boolean;
  /** Whether its rows say their split. */
  readonly saysSplits: boolean;
}

/** Takes the rows of a manifest. `path` names it in errors. */
export function listManifest(
  path: string,
  rows: Iterable<ManifestRow>,
  options: ListManifestOptions,
): ManifestIndex {
  const columns = new Columns(path, options);
  for (const row of rows) columns.add(row);
  return columns.finish();
}

class Columns {
  readonly #path: string;
  readonly #options: ListManifestOptions;
  readonly #classes: ShardClasses;
  readonly #keys: string[] = [];
  readonly #labels: number[] = [];
  readonly #ends: number[] = [];
  readonly #seen = new Set<string>();
  /** Of each class that was met: millions of rows name a few. */
  readonly #numbers = new Map<Label, number>();
  readonly #otherSplits = new Set<string>();
  #hasSeveral: boolean;
  #hasNumbers = false;
  #saysSplits = false;

  constructor(path: string, options: ListManifestOptions) {
    this.#path = path;
    this.#options = options;
    this.#classes = new ShardClasses(options.classes);
    this.#hasSeveral = options.labelSeparator !== undefined;
  }

  add(row: ManifestRow): void {
    if (row.split !== undefined && !this.#isWanted(row, row.split)) return;
    const key = this.#keyOf(row);
    const { line, label } = row;
    if (this.#seen.size === this.#seen.add(key).size)
      throw lineError(this.#path, line, `${key} is listed before already`, 'DUPLICATE_KEY');
    this.#keys.push(key);
    if (isList(label)) {
      this.#hasSeveral = true;
      // in a text the same class may stand twice
      for (const number of new Set(label.map((one) => this.#numberOf(one, key, line))))
        this.#labels.push(number);
    } else if (label !== undefined) this.#labels.push(this.#numberOf(label, key, line));
    this.#ends.push(this.#labels.length);
  }

  finish(): ManifestIndex {
    const { split } = this.#options;
    if (this.#keys.length === 0 && this.#saysSplits) {
      const there = [...this.#otherSplits].sort(byCodeUnit).join(', ');
      throw new DataError(
        'NO_SPLIT',
        `${this.#path}: has no rows of the split ${split ?? 'train'}; there is: ${there}`,
      );
    }
    if (this.#keys.length === 0) throw new DataError('EMPTY_MANIFEST', `${this.#path}: lists no images`);
    if (this.#classes.isEmpty) throw new DataError('NO_CLASS', `${this.#path}: not one image has a class`);
    const [labels, ends] = [Int32Array.from(this.#labels), Uint32Array.from(this.#ends)];
    const classes = this.#classes.number(labels);
    if (this.#hasSeveral)
      for (const [at, end] of ends.entries()) labels.subarray(ends[at - 1] ?? 0, end).sort();
    return {
      ...{ keys: this.#keys, labels, ends, classes },
      hasSeveral: this.#hasSeveral,
      isNumbered: this.#hasNumbers && this.#options.classes === undefined,
      saysSplits: this.#saysSplits,
    };
  }

  #isWanted({ line }: ManifestRow, said: string): boolean {
    this.#saysSplits = true;
    const split = splitCalled(said);
    if (split === undefined) {
      const reason = `expected the split ${splits.join(', ')}, got ${JSON.stringify(said.slice(0, 100))}`;
      throw lineError(this.#path, line, reason);
    }
    if (split === (this.#options.split ?? 'train')) return true;
    this.#otherSplits.add(split);
    return false;
  }

  /** The path as it is listed, in the form that it would have as a key of a folder of images. */
  #keyOf({ path, line }: ManifestRow): string {
    if (path === '') throw lineError(this.#path, line, 'has no path');
    const { root } = this.#options;
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return this.#keyOfAddress(path, line);
    if (path.includes('\0')) throw lineError(this.#path, line, 'the path has a NUL character in it');
    const slashed = needsOrder.test(path) ? posix.normalize(path.replace(windowsSeparator, '/')) : path;
    if (isRemote(root) && isAbsolute(path)) {
      const reason = `${path}: an absolute path, where images are at ${root}: name an address, or a path in that folder`;
      throw lineError(this.#path, line, reason);
    }
    return slashed.startsWith(`${root}/`) ? slashed.slice(root.length + 1) : slashed;
  }

  #keyOfAddress(address: string, line: number | string): string {
    const { root } = this.#options;
    try {
      if (isRemote(address)) return keyOfAddress(this.#options.plainUrl(address), root);
    } catch (cause) {
      if (cause instanceof ParameterError) throw lineError(this.#path, line, cause.message);
      throw cause;
    }
    const expected = 'data at an address that is not read (https://, s3:// and hf://datasets/... are)';
    throw lineError(this.#path, line, `${address.replace(/[?#].*$/s, '')}: ${expected}`, 'REMOTE_DATA');
  }

  #numberOf(label: Label, key: string, line: number | string): number {
    const known = this.#numbers.get(label);
    if (known !== undefined) return known;
    if (typeof label === 'number') this.#hasNumbers = true;
    const number = this.#classes.add({ label, key: `${lineInWords(line)}: ${key}`, path: this.#path });
    this.#numbers.set(label, number);
    return number;
  }
}

const isList = (label: ManifestRow['label']): label is readonly Label[] => Array.isArray(label);

/** But for those that begin a byte that is no UTF-8, as keys are written: \xe9. */
const windowsSeparator = /\\(?!x[0-9a-f]{2})/g;
/** What a path as it would be a key has none of. */
const needsOrder = /\\|\/\/|(^|\/)\.\.?(\/|$)/;
