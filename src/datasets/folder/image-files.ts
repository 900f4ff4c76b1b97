import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DataError } from '../../core/errors.ts';
import type { Dataset } from '../dataset.ts';

/** Single images by their paths, in the order given, without labels. */
export function imageFiles(paths: readonly string[]): Dataset {
  for (const path of paths) checkFile(path);
  const path = (index: number) => paths[index] as string;
  return {
    name: `imageFiles(${paths.length})`,
    length: paths.length,
    classes: [],
    key: path,
    label: () => -1,
    locator: path,
    place: (index) => ({ path: path(index) }),
    byteLength: async (index) => (await stat(path(index))).size,
    reader: { module: new URL('./file-reader.js', import.meta.url).href },
  };
}

function checkFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return;
  const [code, reason] = found ? ['NOT_A_FILE', 'is no file'] : ['MISSING_FILE', 'no such file'];
  throw new DataError(code as string, `${path}: ${reason}`, { sample: path });
}
