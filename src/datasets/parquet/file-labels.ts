import { DataError } from '../../core/errors.ts';
import { namelessClass, numberedClasses } from '../class-names.ts';
import { byCodeUnit } from '../folder/folders.ts';
import type { SourcePath } from '../opening/source-path.ts';
import type { RowIndex } from './row-index.ts';

/** A file, and what its rows are. */
export interface ListedFile {
  readonly source: SourcePath;
  /** For people. */
  readonly path: string;
  readonly rows: RowIndex;
}

/** The classes of several files, and what each file's labels are among them: null where they stay as they are. */
export interface FileClasses {
  readonly classes: readonly string[];
  readonly numbers: readonly (Int32Array | null)[];
}

/** One numbering of all files' classes: theirs, the one that is given, or texts sorted. */
export function classesOf(files: readonly ListedFile[], given: readonly string[] | undefined): FileClasses {
  const [first] = files as [ListedFile];
  for (const file of files) checkSame(first, file);
  if (first.rows.kind === 'texts') return classesOfTexts(files, given);
  const numbers = files.map(() => null);
  if (given !== undefined) checkGiven(files, given.length);
  if (given !== undefined || first.rows.kind === 'named')
    return { classes: given ?? first.rows.classes, numbers };
  return { classes: numberedClasses(labelsOf(files)), numbers };
}

function* labelsOf(files: readonly ListedFile[]): Generator<number> {
  for (const { rows } of files) yield* rows.lists?.numbers ?? rows.label;
}

function classesOfTexts(files: readonly ListedFile[], given: readonly string[] | undefined): FileClasses {
  const all = new Set(files.flatMap(({ rows }) => rows.classes));
  const classes = given ?? [...all].sort(byCodeUnit);
  const numbers = new Map(classes.map((name, number) => [name, number]));
  const numberIn = (path: string, name: string): number => {
    const number = numbers.get(name);
    if (number !== undefined) return number;
    const reason = `class ${JSON.stringify(name)} is none of the ${classes.length} given`;
    throw new DataError('INVALID_CLASS', `${path}: ${reason}`);
  };
  return {
    classes,
    numbers: files.map(({ path, rows }) => Int32Array.from(rows.classes, (name) => numberIn(path, name))),
  };
}

function checkSame(first: ListedFile, file: ListedFile): void {
  const [a, b] = [first.rows, file.rows];
  const isSame =
    a.kind === b.kind && !a.lists === !b.lists && (a.kind !== 'named' || areSame(a.classes, b.classes));
  if (isSame) return;
  const say = ({ path, rows }: ListedFile) => `${path} has ${inWords(rows)}`;
  throw new DataError(
    'MIXED_CLASSES',
    `${say(file)}, and ${say(first)}: all files must have the same classes`,
  );
}

const areSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, at) => name === b[at]);

function inWords({ kind, classes, lists }: Pick<RowIndex, 'kind' | 'classes' | 'lists'>): string {
  if (lists !== undefined) return `lists of ${inWords({ kind, classes })}`;
  if (kind === 'texts') return 'classes by name';
  if (kind === 'numbers') return 'classes by number';
  return `${classes.length} class names (${classes.slice(0, 5).join(', ')}${classes.length > 5 ? ', ...' : ''})`;
}

function checkGiven(files: readonly ListedFile[], count: number): void {
  for (const { path, rows } of files) {
    for (let row = 0; row < rows.length; row++) {
      const highest = Math.max(rows.label.at(row), ...(rows.lists?.at(row) ?? []));
      if (highest < count) continue;
      throw new DataError('INVALID_CLASS', `${path}: row ${row}: ${namelessClass(highest, count)}`);
    }
  }
}
