import { type FilePath, pathIn } from '../opening/file-path.ts';
import { foldersIn, listFolder } from './folders.ts';
import { isImageName } from './image-names.ts';

/** Whether there is an image in a folder, or in those in it, down to a depth. */
export function holdsImages(folder: FilePath, depth: number): boolean {
  if (listFolder(folder).some(({ name }) => isImageName(name))) return true;
  return depth > 1 && foldersIn(folder).some((name) => holdsImages(pathIn(folder, name), depth - 1));
}

/** Whether there are folders of images in a folder: what else lies in it counts for less. */
export const hasClassFolders = (path: FilePath): boolean =>
  foldersIn(path).some((name) => holdsImages(pathIn(path, name), 2));
