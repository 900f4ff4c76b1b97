import { type FilePath, pathIn } from '../file-path.ts';
import { foldersIn, listFolder } from './folders.ts';
import { isImageName } from './image-names.ts';

/** Whether there is an image in a folder or below it, down to so many folders. */
export function holdsImages(folder: FilePath, depth: number): boolean {
  if (listFolder(folder).some(({ name }) => isImageName(name))) return true;
  return depth > 1 && foldersIn(folder).some((name) => holdsImages(pathIn(folder, name), depth - 1));
}
