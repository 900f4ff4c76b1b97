import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Dataset } from '../dataset.ts';
import { type FilePath, pathIn, pathInWords, systemPath, writtenPath } from '../file-path.ts';
import { fileLength } from '../folder/file-length.ts';

/** Where the images are that a manifest lists. */
export interface ListedImages {
  isThere(index: number): boolean;
  readonly source: Pick<Dataset, 'locator' | 'place' | 'byteLength' | 'reader'>;
}

/** Files in a folder, or where their absolute paths say. */
export function folderImages(root: string, keys: readonly string[]): ListedImages {
  const file = (index: number): FilePath => {
    const key = keys[index] as string;
    if (!isAbsolute(key)) return pathIn(root, key);
    return key.includes('\\x') ? writtenPath(key) : key;
  };
  return {
    isThere: (index) => existsSync(systemPath(file(index))),
    source: {
      locator: file,
      place: (index) => ({ path: pathInWords(file(index)) }),
      byteLength: (index) => fileLength(file(index), keys[index] as string),
      reader: { module: new URL('../folder/file-reader.js', import.meta.url).href },
    },
  };
}
