import type { SourceKind } from '../source-kind.ts';
import type { Division } from '../split.ts';
import { npz } from './npz.ts';
import { NpzFile } from './npz-arrays.ts';
import { npzDivision } from './npz-splits.ts';

export const npzKind: SourceKind = {
  description: "a file of NumPy's arrays (.npz) with train_images and train_labels, or x_train and y_train",
  recognises: ({ path, isFolder }) => !isFolder && /\.npz$/i.test(path),
  division: divisionIn,
  open: (path, { split }) => npz(path, split && { split }),
};

function divisionIn(path: string): Division {
  const file = new NpzFile(path);
  file.close();
  return npzDivision(file.names);
}
