import { DataError } from '../../core/errors.ts';
import { LabelLists, type ListedLabels } from '../columns/label-lists.ts';
import { isFault, type Label, type LabelFault } from '../tar/sample-label.ts';
import { ShardClasses } from '../tar/shard-classes.ts';
import { type Numbering, type NumberingOptions, numberClasses } from './number-classes.ts';
import type { ReadRecord } from './read-record.ts';

/** Labels by sample, and what their classes are called. */
export interface FinishedLabels extends Numbering, ListedLabels {
  /** By sample, why it has no class: few, in data that are any good. */
  readonly faults: ReadonlyMap<number, LabelFault>;
}

/** Where a sample is, for messages. */
export interface RecordPlace {
  readonly path: string;
  readonly record: number;
}

/** Collects the classes that samples say, which are labels only when all are known. */
export class ExampleLabels {
  readonly #given: readonly string[] | undefined;
  readonly #numbers = new LabelLists();
  readonly #faults = new Map<number, LabelFault>();
  /** Names that are said beside numbers. */
  readonly #names = new Map<number, Set<string>>();
  #classes: ShardClasses | undefined;
  #areNames = false;

  constructor(classes: readonly string[] | undefined) {
    this.#given = classes;
  }

  add({ label, className }: ReadRecord, place: RecordPlace): void {
    if (label === undefined || isFault(label)) {
      this.#faults.set(this.#numbers.length, label ?? noClass);
      this.#numbers.add(-1);
    } else if (typeof label === 'object') this.#numbers.add(label.map((one) => this.#numberOf(one, place)));
    else this.#addLabel(label, className, place);
  }

  /** `first` is where the records are, `feature` that of the class, and `beside` gives names that lie beside the records. */
  async finish(
    first: string,
    feature: string | undefined,
    options: NumberingOptions,
    beside: () => Promise<string[] | undefined>,
  ): Promise<FinishedLabels> {
    const numbers = this.#numbers.numbers();
    const faults = this.#faults;
    // among samples of several classes, one that has none is sound
    if (this.#numbers.areLists)
      for (const [index, fault] of faults) if (fault === noClass) faults.delete(index);
    if (faults.size === this.#numbers.length) throw withoutClasses(first, feature, faults.get(0));
    if (this.#classes !== undefined && this.#areNames)
      return { classes: this.#classes.number(numbers), ...this.#numbers.finish(numbers), offset: 0, faults };
    const classes = options.classes ?? (await beside());
    const said = { numbers, names: this.#names };
    const numbered = numberClasses(said, { ...options, classes });
    return { ...numbered, ...this.#numbers.finish(numbered.labels), faults };
  }

  #addLabel(label: Label, className: string | undefined, place: RecordPlace): void {
    const isLabel = typeof label === 'string' || label >= 0;
    this.#numbers.add(isLabel ? this.#numberOf(label, place) : -1);
    if (isLabel && typeof label === 'number' && className !== undefined) this.#addName(label, className);
  }

  #numberOf(label: Label, { path, record }: RecordPlace): number {
    this.#areNames ||= typeof label === 'string';
    this.#classes ??= new ShardClasses(this.#areNames ? this.#given : undefined);
    return this.#classes.add({ label, key: `record ${record}`, path });
  }

  #addName(number: number, name: string): void {
    const names = this.#names.get(number) ?? new Set();
    // two are enough to see that they contradict each other
    if (names.size < 2) names.add(name);
    this.#names.set(number, names);
  }
}

const noClass: LabelFault = { code: 'NO_CLASS', message: 'has no class' };

/** Not one sample says its class: that is no accident, as it would be of a few. */
function withoutClasses(path: string, feature: string | undefined, fault: LabelFault | undefined): DataError {
  const expected = feature ?? 'image/class/label, label or class';
  const reason =
    fault === undefined || fault === noClass ? `has no class in the feature ${expected}` : fault.message;
  const advice = 'labelFeature (--label-key) says where the class is';
  return new DataError((fault ?? noClass).code, `${path}: record 0: ${reason}; ${advice}`);
}
