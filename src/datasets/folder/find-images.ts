import { existsSync } from 'node:fs';
import { DataError } from '../../core/errors.ts';
import { byCodeUnit, isFolder, isFolderPath, listFolder } from './folders.ts';
import { glob, isPattern } from './glob.ts';
import { isImageName } from './image-names.ts';

/**
 * Image files by their names, by folders, of which all images are taken, in sub-folders too, and by patterns such as
 * `photos/*.jpg`. A name that is no folder and no pattern is taken for a file, whatever is there.
 */
export const findImages = (names: readonly string[]): string[] => names.flatMap(imagesOf);

function imagesOf(name: string): string[] {
  if (isFolderPath(name)) return imagesIn(name);
  // there may be files with such names
  if (existsSync(name) || !isPattern(name)) return [name];
  const found = glob(name).filter(isImageName);
  if (found.length > 0) return found;
  throw new DataError('NO_IMAGES', `${name}: no image matches`, { sample: name });
}

function imagesIn(folder: string): string[] {
  const found = filesBelow(folder.replace(/(?<=.)\/+$/, '')).filter(isImageName);
  if (found.length > 0) return found.sort(byCodeUnit);
  throw new DataError('NO_IMAGES', `${folder}: no images in it (jpg, png, webp, ...)`, { sample: folder });
}

function filesBelow(folder: string): string[] {
  return listFolder(folder).flatMap((entry) => {
    const path = folder === '/' ? `/${entry.name}` : `${folder}/${entry.name}`;
    if (!isFolder(folder, entry)) return [path];
    // not through links: they may lead back
    return entry.type.isSymbolicLink() ? [] : filesBelow(path);
  });
}
