import { DataError } from '../../core/errors.ts';
import { byCodeUnit } from '../folder/folders.ts';
import type { MatArray } from './mat/mat-array.ts';
import { readMatFile } from './mat/mat-file.ts';

/** The classes of ImageNet's challenge of 2012. */
export interface Synsets {
  /** WordNet's numbers of the classes, such as `n01440764`, sorted as the folders of train are. */
  readonly classes: readonly string[];
  /** The class by its number in the devkit, `ILSVRC2012_ID`. */
  readonly byId: ReadonlyMap<number, string>;
}

/** The classes in the devkit's `meta.mat`: its synsets without children. `path` names it in errors. */
export function readSynsets(file: Buffer, path: string): Synsets {
  const synsets = readMatFile(file, path).get('synsets');
  if (synsets?.kind !== 'struct')
    throw new DataError('NO_CLASSES', `${path}: has no struct array "synsets": is it the devkit's meta.mat?`);
  const byId = new Map<number, string>();
  for (const [at, synset] of synsets.elements.entries()) {
    const fail = (reason: string) => new DataError('INVALID_CLASS', `${path}: synsets(${at + 1}): ${reason}`);
    if (numberIn(synset.get('num_children')) !== 0) continue;
    const id = numberIn(synset.get('ILSVRC2012_ID'));
    const wnid = synset.get('WNID');
    if (!(Number.isInteger(id) && id > 0)) throw fail('ILSVRC2012_ID is no number of 1 or more');
    if (wnid?.kind !== 'text' || !/^n\d{8}$/.test(wnid.value)) throw fail('WNID is none, such as n01440764');
    if (byId.has(id)) throw fail(`the ILSVRC2012_ID ${id} is there already`);
    byId.set(id, wnid.value);
  }
  const classes = [...new Set(byId.values())].sort(byCodeUnit);
  if (classes.length === byId.size && classes.length > 0) return { classes, byId };
  const reason = classes.length === 0 ? 'no synset is without children' : 'two synsets have one WNID';
  throw new DataError('INVALID_CLASS', `${path}: ${reason}`);
}

/** NaN where it is no single number. */
const numberIn = (array: MatArray | undefined): number =>
  array?.kind === 'numbers' && array.values.length === 1 ? (array.values[0] as number) : Number.NaN;
