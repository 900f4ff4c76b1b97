import { dirname, join } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { RunColumn } from '../columns/run-column.ts';
import { TextColumn } from '../columns/text-column.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { pathIn } from '../opening/file-path.ts';
import type { Split } from '../opening/split.ts';
import { fileLength } from './file-length.ts';
import { classFolders } from './folder-splits.ts';
import { byCodeUnit, isFolder, listFolder } from './folders.ts';
import { isImageName } from './image-names.ts';
import { listImages } from './list-images.ts';
import { PassedOver } from './passed-over.ts';

export interface ImageFolderOptions {
  /** For a root that holds `train/`, `val/` or `test/`: which of them. Default 'train'. */
  readonly split?: Split;
}

/**
 * Images in `root/<class>/**`, classes in sorted order (by UTF-16 code unit: Python's
 * order, unless names hold characters beyond U+FFFF). Folders named as a split, such as `train/` and `Validation/`, are
 * that: docs/data.md has the rule. Files with other extensions and hidden files are passed over. In keys and class
 * names, bytes of a file's name that are no UTF-8 are written as `\xe9`.
 */
export function imageFolder(root: string, options: ImageFolderOptions = {}): Dataset {
  const { folder, split, classes } = classFolders(root, options.split);
  if (classes.length === 0) {
    const reason = `has no class folders (expected ${folder}/<class>/<image>)`;
    throw new DataError('NO_CLASSES', `${folder}: ${reason}${adviceFor(folder)}`);
  }
  const { keys, labels, passedOver } = listClasses(folder, classes);
  const path = (index: number) => pathIn(folder, keys.at(index));
  return defineDataset({
    name: `imageFolder(${folder})`,
    ...(split !== undefined && { split }),
    length: keys.length,
    ...(passedOver !== undefined && { passedOver }),
    classes,
    key: (index) => keys.at(index),
    label: (index) => labels.at(index),
    locator: path,
    place: (index) => ({ path: join(folder, keys.at(index)) }),
    byteLength: (index) => fileLength(path(index), keys.at(index)),
    reader: { module: new URL('./file-reader.js', import.meta.url).href },
  });
}

/** Of a folder of images without classes: a list may say them. */
function adviceFor(folder: string): string {
  const names = (path: string) => listFolder(path).map(({ name }) => name);
  if (!names(folder).some(isImageName)) return '';
  const beside = [folder, dirname(folder)].flatMap((path) => names(path).map((name) => join(path, name)));
  const list = beside.find((path) => /\.(csv|tsv|jsonl)$/i.test(path));
  return list === undefined ? '' : `; if ${list} lists its images, name that, with --image-root ${folder}`;
}

/** Keys and labels of all images, and what was passed over. */
function listClasses(folder: string, classes: readonly string[]) {
  const [keys, labels] = [new TextColumn(), new RunColumn()];
  const passedOver = new PassedOver();
  for (const [label, name] of classes.entries()) {
    const passedOverHere = new PassedOver();
    const found = listImages(folder, name, passedOverHere).sort(byCodeUnit);
    if (found.length === 0) throw emptyClass(join(folder, name), passedOverHere);
    passedOver.addAll(passedOverHere);
    for (const key of found) {
      keys.push(key);
      labels.push(label);
    }
  }
  for (const entry of listFolder(folder).filter((one) => !isFolder(folder, one)))
    if (isImageName(entry.name)) passedOver.addUnsorted(entry.name);
    else passedOver.add(entry.name);
  return { keys, labels, passedOver: passedOver.inWords };
}

function emptyClass(folder: string, { inWords }: PassedOver): DataError {
  const others = inWords === undefined ? '' : `; ${inWords}`;
  const reason = `class folder has no images (jpg, png, webp, ...)${others}`;
  return new DataError('EMPTY_CLASS', `${folder}: ${reason}`);
}
