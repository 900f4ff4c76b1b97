import { join } from 'node:path';
import { isFolderPath, listFolder } from '../folder/folders.ts';
import { holdsImages } from '../folder/holds-images.ts';
import type { SourceKind } from '../opening/source-kind.ts';
import type { Division } from '../opening/split.ts';
import { npz } from './npz.ts';
import { NpzFile } from './npz-arrays.ts';
import { npzDivision } from './npz-splits.ts';

export const npzKind: SourceKind = {
  description:
    "a file of NumPy's arrays (.npz) with train_images and train_labels, or x_train and y_train; or a folder with one such file",
  recognises: ({ path }) => fileAt(path) !== undefined,
  division: (path) => divisionIn(fileAt(path) as string),
  open: (path, { split }) => npz(fileAt(path) as string, split && { split }),
};

const isNpzName = (name: string): boolean => /\.npz$/i.test(name);

/** The file itself, or the only one in a folder without images. */
function fileAt(path: string): string | undefined {
  if (!isFolderPath(path)) return isNpzName(path) ? path : undefined;
  const [name, second] = listFolder(path)
    .map((entry) => entry.name)
    .filter(isNpzName);
  return name === undefined || second !== undefined || holdsImages(path, 5) ? undefined : join(path, name);
}

function divisionIn(path: string): Division {
  const file = new NpzFile(path);
  file.close();
  return npzDivision(file.names);
}
