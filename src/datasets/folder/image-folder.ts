import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { pathIn, systemPath } from '../file-path.ts';
import { type Split, splitNamed } from '../split.ts';
import { fileLength } from './file-length.ts';
import { byCodeUnit, foldersIn, isFolder, listFolder } from './folders.ts';
import { isImageName } from './image-names.ts';

export interface ImageFolderOptions {
  /** For a root that holds `train/` and `val/`: which of the two. Default 'train'. */
  readonly split?: Split;
}

/**
 * Images in `root/<class>/**`, classes in sorted order (by UTF-16 code unit: Python's
 * order, unless names hold characters beyond U+FFFF). A root with `train/` and `val/`
 * folders is taken as that convention. Files with other extensions and hidden files are passed over. In keys and class
 * names, bytes of a file's name that are no UTF-8 are written as `\xe9`.
 */
export function imageFolder(root: string, options: ImageFolderOptions = {}): Dataset {
  const folder = splitFolder(root, options.split);
  const classes = foldersIn(folder).sort(byCodeUnit);
  if (classes.length === 0) {
    throw new DataError('NO_CLASSES', `${folder}: has no class folders (expected ${folder}/<class>/<image>)`);
  }
  const keys: string[] = [];
  const labels: number[] = [];
  for (const [label, name] of classes.entries()) {
    const found = listImages(folder, name).sort(byCodeUnit);
    if (found.length === 0) {
      throw new DataError(
        'EMPTY_CLASS',
        `${join(folder, name)}: class folder has no images (jpg, png, webp, ...)`,
      );
    }
    for (const key of found) {
      keys.push(key);
      labels.push(label);
    }
  }
  const path = (index: number) => pathIn(folder, keys[index] as string);
  return defineDataset({
    name: `imageFolder(${folder})`,
    ...splitNamed(folder),
    length: keys.length,
    classes,
    key: (index) => keys[index] as string,
    label: (index) => labels[index] as number,
    locator: path,
    place: (index) => ({ path: join(folder, keys[index] as string) }),
    byteLength: (index) => fileLength(path(index), keys[index] as string),
    reader: { module: new URL('./file-reader.js', import.meta.url).href },
  });
}

function splitFolder(root: string, split: Split | undefined): string {
  const hasSplits = existsSync(join(root, 'train')) && existsSync(join(root, 'val'));
  if (hasSplits) return join(root, split ?? 'train');
  if (split !== undefined && existsSync(join(root, split))) return join(root, split);
  if (split === 'val') {
    throw new DataError(
      'NO_SPLIT',
      `${root}: has no val folder (expected ${join(root, 'val', '<class>', '<image>')})`,
    );
  }
  return root;
}

/** Keys (`class/.../file.jpg`, with forward slashes) of all images below root/relative. */
function listImages(root: string, relative: string, above: readonly string[] = []): string[] {
  const folder = pathIn(root, relative);
  const path = realpathSync.native(systemPath(folder), 'buffer').toString('latin1');
  if (above.includes(path)) {
    const name = join(root, relative);
    throw new DataError('LINK_LOOP', `${name}: is a link to a folder it lies in`);
  }
  const found: string[] = [];
  for (const entry of listFolder(folder)) {
    const key = `${relative}/${entry.name}`;
    const isImage = isImageName(entry.name);
    if (isFolder(folder, entry)) {
      if (isImage) throw notAFile(root, key, 'is a folder');
      found.push(...listImages(root, key, [...above, path]));
    } else if (isImage) {
      // opening a pipe would wait for its other end
      if (!entry.type.isFile() && !entry.type.isSymbolicLink())
        throw notAFile(root, key, 'is a pipe, socket or device');
      found.push(key);
    }
  }
  return found;
}

function notAFile(root: string, key: string, what: string): DataError {
  return new DataError('NOT_A_FILE', `${join(root, key)}: ${what} but named like an image`, { sample: key });
}
