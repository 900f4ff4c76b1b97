import { basename, join, resolve } from 'node:path';
import {
  type Division,
  divide,
  noSplit,
  onlyOne,
  type Split,
  splitCalled,
  splitsIn,
} from '../opening/split.ts';
import { byCodeUnit, foldersIn } from './folders.ts';

/** The folders in a root, by what their names say. */
interface FolderSplits {
  /** Those that are named as a split. */
  readonly named: Division;
  /** The others, sorted. */
  readonly classes: readonly string[];
}

/**
 * A folder that is named as a split is one, unless it is a class that happens to be called so: it has images and no
 * folders, and there are other classes beside it. Nobody trains on what is named val or test, so that holds for `train`,
 * and for the others only within a folder that is a split itself.
 */
function foldersBySplit(root: string): FolderSplits {
  const folders = foldersIn(root).sort(byCodeUnit);
  const isAlone = folders.every((name) => splitCalled(name) !== undefined);
  const isSplit = splitCalled(basename(resolve(root))) !== undefined;
  const splitOf = (name: string): Split | undefined => {
    const split = splitCalled(name);
    const mayBeClass = !isAlone && (split === 'train' || isSplit);
    return mayBeClass && foldersIn(join(root, name)).length === 0 ? undefined : split;
  };
  return {
    named: divide(folders, splitOf),
    classes: folders.filter((name) => splitOf(name) === undefined),
  };
}

/** Which folders in a root are which splits; class folders beside val or test are train. */
export function folderDivision(root: string): Division {
  const { named, classes } = foldersBySplit(root);
  const isTrain = splitsIn(named).length > 0 && named.train.length === 0 && classes.length > 0;
  return isTrain ? { ...named, train: ['the class folders'] } : named;
}

/** The class folders of a split. */
export interface ClassFolders {
  readonly folder: string;
  readonly split?: Split;
  readonly classes: readonly string[];
}

/** The class folders of a root that is divided, or not. */
export function classFolders(root: string, split: Split | undefined): ClassFolders {
  const { named, classes } = foldersBySplit(root);
  const isDivided = splitsIn(named).length > 0;
  const wanted = split ?? 'train';
  const name = onlyOne(root, named, wanted);
  if (name !== undefined) {
    const folder = join(root, name);
    return { folder, split: wanted, classes: foldersIn(folder).sort(byCodeUnit) };
  }
  if (wanted === 'train' && (classes.length > 0 || !isDivided))
    return { folder: root, ...splitOfRoot(root, isDivided), classes };
  throw noSplit(root, wanted, named, `folder (expected ${join(root, wanted, '<class>', '<image>')})`);
}

function splitOfRoot(root: string, isDivided: boolean): { readonly split?: Split } {
  const split = isDivided ? 'train' : splitCalled(basename(resolve(root)));
  return split === undefined ? {} : { split };
}
