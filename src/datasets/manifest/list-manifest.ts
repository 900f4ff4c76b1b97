import { isAbsolute, posix } from 'node:path';
import { DataError, ParameterError } from '../../core/errors.ts';
import { isRemote } from '../../remote/remote-file.ts';
import { equalTexts } from '../columns/equal-texts.ts';
import { LabelLists, type ListedLabels } from '../columns/label-lists.ts';
import { ownText } from '../columns/own-text.ts';
import { TextColumn } from '../columns/text-column.ts';
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

/** Keys of images: paths in a folder, absolute ones, or addresses. */
export interface ListedKeys {
  readonly length: number;
  at(index: number): string;
  /** How many are addresses. */
  readonly addresses: number;
}

/** What a manifest lists: columns, since there may be millions of rows. */
export interface ManifestIndex extends ListedLabels {
  readonly keys: ListedKeys;
  /** Whether a sample may have several classes, or an empty list of them. */
  readonly hasSeveral: boolean;
  readonly classes: readonly string[];
  /** Whether the classes are numbers, and without names. */
  readonly isNumbered: boolean;
  /** Whether its rows say their split. */
  readonly saysSplits: boolean;
}

/** Takes the rows of a manifest. `path` names it in errors; `rows` begins them anew each time. */
export function listManifest(
  path: string,
  rows: () => Iterable<ManifestRow>,
  options: ListManifestOptions,
): ManifestIndex {
  const columns = new Columns(path, options);
  for (const row of rows()) columns.add(row);
  return columns.finish((index) => lineOf(rows(), options, index));
}

/** The line of the row that is taken as the `index`-th: looked for once again, when it has a fault. */
function lineOf(rows: Iterable<ManifestRow>, options: ListManifestOptions, index: number): number | string {
  let taken = -1;
  for (const { line, split } of rows) {
    if (split === undefined || splitCalled(split) === wantedSplit(options)) taken++;
    if (taken === index) return line;
  }
  return 0;
}

const wantedSplit = ({ split = 'train' }: ListManifestOptions): Split => split;

class Columns {
  readonly #path: string;
  readonly #options: ListManifestOptions;
  readonly #classes: ShardClasses;
  readonly #keys = new TextColumn();
  readonly #labels = new LabelLists();
  #addresses = 0;
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
    this.#keys.push(key);
    if (isRemote(key)) this.#addresses++;
    if (label === undefined) this.#labels.add(-1);
    else if (!isList(label)) this.#labels.add(this.#numberOf(label, key, line));
    else {
      this.#hasSeveral = true;
      // in a text the same class may stand twice
      this.#labels.add([...new Set(label.map((one) => this.#numberOf(one, key, line)))]);
    }
  }

  /** @param lineOf the line of a row, by its number among those that were added */
  finish(lineOf: (index: number) => number | string): ManifestIndex {
    if (this.#keys.length === 0 && this.#saysSplits) {
      const there = [...this.#otherSplits].sort(byCodeUnit).join(', ');
      throw new DataError(
        'NO_SPLIT',
        `${this.#path}: has no rows of the split ${wantedSplit(this.#options)}; there is: ${there}`,
      );
    }
    if (this.#keys.length === 0) throw new DataError('EMPTY_MANIFEST', `${this.#path}: lists no images`);
    this.#checkKeys(lineOf);
    if (this.#classes.isEmpty) throw new DataError('NO_CLASS', `${this.#path}: not one image has a class`);
    const numbers = this.#labels.numbers();
    const classes = this.#classes.number(numbers);
    const keys = this.#keys;
    return {
      ...this.#labels.finish(numbers),
      keys: { length: keys.length, at: (index) => keys.at(index), addresses: this.#addresses },
      classes,
      hasSeveral: this.#hasSeveral,
      isNumbered: this.#hasNumbers && this.#options.classes === undefined,
      saysSplits: this.#saysSplits,
    };
  }

  #checkKeys(lineOf: (index: number) => number | string): void {
    const [, second] = equalTexts(this.#keys.length, (index) => this.#keys.at(index)) ?? [];
    if (second === undefined) return;
    const reason = `${this.#keys.at(second)} is listed before already`;
    throw lineError(this.#path, lineOf(second), reason, 'DUPLICATE_KEY');
  }

  #isWanted({ line }: ManifestRow, said: string): boolean {
    this.#saysSplits = true;
    const split = splitCalled(said);
    if (split === undefined) {
      const reason = `expected the split ${splits.join(', ')}, got ${JSON.stringify(said.slice(0, 100))}`;
      throw lineError(this.#path, line, reason);
    }
    if (split === wantedSplit(this.#options)) return true;
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
    this.#numbers.set(typeof label === 'string' ? ownText(label) : label, number);
    return number;
  }
}

const isList = (label: ManifestRow['label']): label is readonly Label[] => Array.isArray(label);

/** But for those that begin a byte that is no UTF-8, as keys are written: \xe9. */
const windowsSeparator = /\\(?!x[0-9a-f]{2})/g;
/** What a path as it would be a key has none of. */
const needsOrder = /\\|\/\/|(^|\/)\.\.?(\/|$)/;
