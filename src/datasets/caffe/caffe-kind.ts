import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '../dataset.ts';
import { byCodeUnit, foldersIn, isFolderPath } from '../folder/folders.ts';
import type { OpenDatasetOptions, SourceKind } from '../opening/source-kind.ts';
import { undivided } from '../opening/source-kind.ts';
import { type Division, divide, noSplit, onlyOne, splitIn, splitsIn } from '../opening/split.ts';
import { caffeLmdb, dataFile } from './caffe-lmdb.ts';
import { isLmdbHead } from './lmdb-file.ts';

export const caffeKind: SourceKind = {
  description:
    'an LMDB of Caffe: a folder with data.mdb, or one with folders such as train_lmdb and val_lmdb',
  recognises: ({ path, isFolder, head }) =>
    isFolder ? isLmdbFolder(path) || splitsIn(lmdbFolders(path)).length > 0 : isLmdbHead(head),
  division: (path) => (isFolderPath(path) && !isLmdbFolder(path) ? lmdbFolders(path) : undivided),
  open: openLmdb,
};

function openLmdb(path: string, { split }: OpenDatasetOptions): Dataset {
  const isOne = !isFolderPath(path) || isLmdbFolder(path);
  const wanted = split ?? 'train';
  if (isOne && wanted === 'train') return caffeLmdb(path);
  const division = isOne ? undivided : lmdbFolders(path);
  const name = onlyOne(path, division, wanted);
  if (name !== undefined) return caffeLmdb(join(path, name));
  throw noSplit(path, wanted, division, `split (expected a folder such as ${wanted}_lmdb with data.mdb)`);
}

/** Folders of an LMDB whose names say their split. */
function lmdbFolders(path: string): Division {
  return divide(foldersIn(path).sort(byCodeUnit), (name) =>
    splitIn(name) !== undefined && isLmdbFolder(join(path, name)) ? splitIn(name) : undefined,
  );
}

function isLmdbFolder(folder: string): boolean {
  const path = dataFile(folder);
  if (path === folder || !existsSync(path)) return false;
  const head = Buffer.alloc(512);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  return isLmdbHead(head);
}
