import { basename, dirname } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { isRemote } from '../../remote/remote-file.ts';
import { pathStats } from '../opening/path-stats.ts';
import { type SourceKind, undivided } from '../opening/source-kind.ts';
import { shownSource } from '../opening/source-path.ts';
import { noSplit } from '../opening/split.ts';
import { groundTruthName } from './devkit.ts';
import { devkitVal } from './devkit-val.ts';

/** The devkit's file of the classes of val images, where that is named itself. */
export const groundTruthKind: SourceKind = {
  description: `the devkit's ${groundTruthName}, with the images as imageRoot (--image-root)`,
  options: ['imageRoot'],
  recognises: ({ path, isFolder }) => !isFolder && basename(path) === groundTruthName,
  division: () => undivided,
  async open(path, { split = 'train', ...options }) {
    // as lists, it is named outright, whatever its name says
    if (split !== 'train') throw noSplit(path, split, undivided, 'split');
    return devkitVal(imagesOf(path, options.imageRoot), dirname(path), options);
  },
};

function imagesOf(path: string, root: string | undefined): string {
  if (root === undefined) {
    const remedy = 'imageRoot (--image-root) must name their folder or tar';
    throw new DataError(
      'MISSING_SOURCE',
      `${path}: says the classes of images that lie elsewhere: ${remedy}`,
    );
  }
  if (isRemote(root))
    throw new DataError('REMOTE_DATA', `${shownSource(root)}: is no folder or tar on the disk`);
  if (pathStats(root) !== undefined) return root;
  throw new DataError('MISSING_SOURCE', `${root}: no such file or folder`);
}
