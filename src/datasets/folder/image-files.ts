import { statSync } from 'node:fs';
import { DataError } from '../../core/errors.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { fileLength } from './file-length.ts';

/** Single images by their paths, in the order given, without labels. */
export function imageFiles(paths: readonly string[]): Dataset {
  for (const path of paths) checkFile(path);
  const path = (index: number) => paths[index] as string;
  return defineDataset({
    name: `imageFiles(${paths.length})`,
    length: paths.length,
    classes: [],
    key: path,
    label: () => -1,
    locator: path,
    place: (index) => ({ path: path(index) }),
    byteLength: (index) => fileLength(path(index), path(index)),
    reader: { module: new URL('./file-reader.js', import.meta.url).href },
  });
}

function checkFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return;
  const [code, reason] = found ? ['NOT_A_FILE', 'is not a file'] : ['MISSING_FILE', 'no such file'];
  throw new DataError(code as string, `${path}: ${reason}`, { sample: path });
}
