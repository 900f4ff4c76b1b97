import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { foldersIn, isFolderPath, listFolder } from '../folder/folders.ts';
import { pathIn, systemPath } from '../opening/file-path.ts';
import { manifestRows } from './manifest-rows.ts';

/** What lists leave out of the names, as Kaggle's often do. */
const endings = ['', '.jpg', '.png', '.jpeg', '.JPEG', '.JPG'];
/** A folder may have millions. */
const MAX_FOLDERS = 64;

/** Where an image is that is not where a list says. */
interface Near {
  /** The root, or a folder in it. */
  readonly folder: string;
  /** Behind its path in the list. */
  readonly ending: string;
}

const isThere = ({ folder, ending }: Near, key: string): boolean =>
  existsSync(systemPath(pathIn(folder, `${key}${ending}`)));

function findNear(root: string, key: string): Near | undefined {
  if (isAbsolute(key) || !isFolderPath(root)) return undefined;
  const folders = foldersIn(root).slice(0, MAX_FOLDERS);
  for (const folder of [root, ...folders.map((name) => join(root, name))]) {
    const near = endings.map((ending) => ({ folder, ending })).find((one) => isThere(one, key));
    if (near !== undefined) return near;
  }
  return undefined;
}

/** What a list needs for its images to be found where they are. */
const neededFor = (root: string, { folder, ending }: Near): string =>
  [
    ...(folder === root ? [] : [`--image-root ${folder}`]),
    ...(ending === '' ? [] : [`${ending} behind its paths`]),
  ].join(' and ');

/** What to do about an image that is not where a list says, for its message: empty where it is not near either. */
export function nearMiss(root: string, key: string): string {
  const near = findNear(root, key);
  if (near === undefined) return '';
  const path = join(near.folder, `${key}${near.ending}`);
  return `; there is ${path}, for which the list needs ${neededFor(root, near)}`;
}

const ROWS = 64;

/**
 * Refuses a folder that would be one of class folders, though a list in it gives the images of one of these several classes:
 * Kaggle has `train_images/` and `train.csv`.
 */
export function refuseContradicted(root: string): void {
  for (const { name } of listFolder(root).filter((one) => /\.(csv|tsv|jsonl)$/i.test(one.name))) {
    const list = join(root, name);
    const near = contradicted(root, list);
    if (near === undefined) continue;
    const reason = `${near.folder} would be a class, but ${name} gives its images several`;
    const advice = `name ${list}, which needs ${neededFor(root, near)}`;
    throw new DataError('CONTRADICTED_CLASSES', `${root}: ${reason}: ${advice}`);
  }
}

/** The class folder that has all images of a list, or of its first rows, where these have several classes. */
function contradicted(root: string, list: string): Near | undefined {
  let near: Near | undefined;
  let count = 0;
  const classes = new Set<string>();
  try {
    for (const { path, label } of manifestRows(list, {})) {
      near ??= findNear(root, path);
      if (near === undefined || near.folder === root || !isThere(near, path)) return undefined;
      classes.add(String(label));
      if (++count === ROWS) break;
    }
  } catch (error) {
    // the list of something else
    if (error instanceof DataError) return undefined;
    throw error;
  }
  return classes.size > 1 ? near : undefined;
}
