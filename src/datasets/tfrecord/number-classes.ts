import { numberedClasses } from '../class-names.ts';

/** What the samples say of their classes by number. */
export interface SaidClasses {
  /** By sample; -1 where there is none. */
  readonly numbers: Int32Array;
  /** Names that the samples give to the numbers: several where they contradict each other. */
  readonly names: ReadonlyMap<number, ReadonlySet<string>>;
}

export interface NumberingOptions {
  /** The class that becomes label 0. Default: 0, or 1 where the classes count from 1. */
  readonly labelOffset?: number | undefined;
  /** Names of the labels 0, 1, 2, ... Default: the names in the samples; else the numbers, up to the highest. */
  readonly classes?: readonly string[] | undefined;
}

export interface Numbering {
  /** -1 where there is no class; below that where the class is below the offset. */
  readonly labels: Int32Array;
  readonly classes: readonly string[];
  /** The class that is label 0. */
  readonly offset: number;
}

/**
 * Labels, which count from 0, of the classes that samples say. Where the samples name them, the classes are those that
 * have samples, as in a folder of class folders; else they are all numbers from the first class to the highest.
 */
export function numberClasses(said: SaidClasses, { labelOffset, classes }: NumberingOptions): Numbering {
  const offset = labelOffset ?? firstClass(said, classes?.length);
  const named = classes === undefined ? namedClasses(said) : undefined;
  if (named !== undefined) return { ...named, offset };
  // below the offset: less than -1
  const labelOf = (number: number) => number - offset - (number < offset ? 1 : 0);
  const labels = said.numbers.map((number) => (number < 0 ? -1 : labelOf(number)));
  return { labels, classes: classes ?? numberedClasses(said.numbers).slice(offset), offset };
}

/**
 * 1 where the classes count from 1: no sample is of class 0, and the samples name their classes, as scripts write them
 * that keep 0 for the background; or the highest class is the number of classes, which is known, or is the number of
 * those that have samples.
 */
function firstClass({ numbers, names }: SaidClasses, classCount: number | undefined): 0 | 1 {
  const seen = new Set(numbers);
  seen.delete(-1);
  if (seen.has(0) || seen.size === 0) return 0;
  const highest = numbers.reduce((most, number) => Math.max(most, number), 0);
  return names.size > 0 || highest === (classCount ?? seen.size) ? 1 : 0;
}

/** Undefined where a class has no name, or two, or that of another one. */
function namedClasses({ numbers, names }: SaidClasses): Omit<Numbering, 'offset'> | undefined {
  const seen = [...new Set(numbers)].filter((number) => number >= 0).sort((a, b) => a - b);
  const classes = seen.flatMap((number) => [...(names.get(number) ?? [])]);
  const isClear = seen.every((number) => names.get(number)?.size === 1);
  if (!isClear || new Set(classes).size < classes.length) return undefined;
  const labelOf = new Map(seen.map((number, label) => [number, label]));
  return { labels: numbers.map((number) => labelOf.get(number) ?? -1), classes };
}
