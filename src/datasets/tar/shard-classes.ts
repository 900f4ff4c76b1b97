import { DataError } from '../../core/errors.ts';
import { namelessClass, numberedClasses } from '../class-names.ts';
import { ownText } from '../columns/own-text.ts';
import { byCodeUnit } from '../folder/folders.ts';
import type { Label } from './sample-label.ts';

/** A sample that says its class. */
interface Labelled {
  readonly label: Label;
  readonly key: string;
  readonly path: string;
}

/** The classes of shards whose samples name them all by number, or all by name. */
export class ShardClasses {
  readonly #given: readonly string[] | undefined;
  /** Names as they come, each with its place among them. */
  readonly #places = new Map<string, number>();
  #first: Labelled | undefined;

  constructor(given: readonly string[] | undefined) {
    this.#given = given;
    for (const [place, name] of given?.entries() ?? []) this.#places.set(name, place);
  }

  /** Whether no sample has named a class. */
  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** The sample's class by number, which is its final one only after `number`. */
  add(sample: Labelled): number {
    this.#first ??= sample;
    if (typeof sample.label !== typeof this.#first.label) throw mixed(this.#first, sample);
    if (typeof sample.label === 'string') return this.#placeOf(sample.label, sample);
    if (this.#given !== undefined && sample.label >= this.#given.length)
      throw invalid(sample, namelessClass(sample.label, this.#given.length));
    return sample.label;
  }

  /** Numbers the classes by their sorted names, in the labels too; -1, for no class, stays. Returns the names. */
  number(labels: Int32Array): readonly string[] {
    if (this.#given !== undefined) return this.#given;
    if (typeof this.#first?.label !== 'string') return numberedClasses(labels);
    const names = [...this.#places.keys()].sort(byCodeUnit);
    const numbers = new Int32Array(names.length);
    for (const [number, name] of names.entries()) numbers[this.#places.get(name) as number] = number;
    for (const [index, place] of labels.entries()) if (place !== -1) labels[index] = numbers[place] as number;
    return names;
  }

  #placeOf(name: string, sample: Labelled): number {
    const place = this.#places.get(name);
    if (place !== undefined) return place;
    if (this.#given !== undefined)
      throw invalid(sample, `class ${JSON.stringify(name)} is none of the ${this.#given.length} given`);
    this.#places.set(ownText(name), this.#places.size);
    return this.#places.size - 1;
  }
}

function mixed(first: Labelled, second: Labelled): DataError {
  const say = ({ path, key, label }: Labelled) =>
    `${path}: ${key} has the ${typeof label === 'string' ? `name ${JSON.stringify(label)}` : `number ${label}`}`;
  const reason = 'classes must be all numbers or all names';
  return new DataError('MIXED_CLASSES', `${say(second)}, and ${say(first)}: ${reason}`, {
    sample: second.key,
  });
}

const invalid = ({ path, key }: Labelled, reason: string): DataError =>
  new DataError('INVALID_CLASS', `${path}: ${key}: ${reason}`, { sample: key });
