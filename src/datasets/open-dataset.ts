import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { DataError } from '../core/errors.ts';
import type { Dataset } from './dataset.ts';
import { type FilePath, pathIn } from './file-path.ts';
import { FileWindow } from './file-window.ts';
import { foldersIn, isFolderPath, listFolder } from './folder/folders.ts';
import { imageFolder } from './folder/image-folder.ts';
import { isImageName } from './folder/image-names.ts';
import { findIdxImages, idxImages } from './idx/idx.ts';
import { isGzip, isIdx } from './idx/idx-file.ts';
import { type Split, splits } from './split.ts';
import { store } from './store/store.ts';
import { isStoreHead } from './store/store-file.ts';
import { BLOCK_BYTES, parseTarHeader } from './tar/tar-header.ts';
import { isShardName, shardsIn, webDataset } from './tar/web-dataset.ts';

export interface OpenDatasetOptions {
  /** For a path that holds both splits: which of the two. Default 'train'. */
  readonly split?: Split;
}

/** One kind of source that a path can be. */
interface SourceKind {
  /** For the message where a path is of no kind. */
  readonly description: string;
  recognises(path: PathInfo): boolean;
  /** Which splits the path holds; none where it is undivided. */
  splits(path: string): Split[];
  open(path: string, options: OpenDatasetOptions): Dataset;
}

/** What was seen of a path: its type, and for a file how it begins (unpacked, where it is gzipped). */
interface PathInfo {
  readonly path: string;
  readonly isFolder: boolean;
  readonly head: Buffer;
}

// The first that recognises a path opens it. A new kind of source is one more entry.
const kinds: readonly SourceKind[] = [
  {
    description: 'a store that millrace import made, or a folder with train.lmdb and val.lmdb',
    recognises: ({ path, isFolder, head }) => (isFolder ? storeSplits(path).length > 0 : isStoreHead(head)),
    splits: storeSplits,
    open: openStoreOrSplit,
  },
  {
    description: 'IDX files: an images file, or a folder with train-images-idx3-ubyte (.gz) and its labels',
    recognises: ({ path, isFolder, head }) => (isFolder ? idxSplits(path).length > 0 : isIdx(head)),
    splits: idxSplits,
    open: idxImages,
  },
  {
    description:
      'WebDataset shards: a .tar file, a folder of them, or a folder with train/*.tar and val/*.tar',
    recognises: ({ path, isFolder, head }) =>
      isFolder
        ? isShardFolder(path) || shardSplits(path).length > 0
        : parseTarHeader(head) !== undefined || isShardName(path),
    splits: shardSplits,
    open: openShards,
  },
  {
    description: 'a folder of images: <class>/<image>, or train/<class>/<image> and val/<class>/<image>',
    recognises: ({ path, isFolder }) => isFolder && foldersIn(path).length > 0,
    splits: (path) => splits.filter((split) => existsSync(join(path, split))),
    open: imageFolder,
  },
];

/**
 * The dataset at a path, whichever it is: a folder of class folders (`imageFolder`), tar shards (`webDataset`), IDX
 * files (`idxImages`) or a store (`store`). Files are told by their content, folders by what is in them; class folders
 * with images count for more than .tar files beside them, which are often what the images came in, and so do `train/`
 * and `val/`.
 */
export function openDataset(path: string, options: OpenDatasetOptions = {}): Dataset {
  return kindOf(path).open(path, options);
}

/** Which splits a path holds; none where it is undivided. */
export function splitsOf(path: string): readonly Split[] {
  return kindOf(path).splits(path);
}

function kindOf(path: string): SourceKind {
  const info = look(path);
  const kind = kinds.find((candidate) => candidate.recognises(info));
  if (kind !== undefined) return kind;
  const accepted = kinds.map(({ description }) => `\n  ${description}`).join('');
  throw new DataError(
    'UNKNOWN_SOURCE',
    `${path}: is not a dataset that can be read; expected one of:${accepted}`,
  );
}

function look(path: string): PathInfo {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new DataError('MISSING_SOURCE', `${path}: no such file or folder`);
  const isFolder = stats.isDirectory();
  return { path, isFolder, head: isFolder ? Buffer.alloc(0) : readHead(path) };
}

function readHead(path: string): Buffer {
  const file = new FileWindow(path);
  try {
    const head = Buffer.from(file.view(0, BLOCK_BYTES));
    return isGzip(head) ? unpackHead(Buffer.from(file.view(0, 8 * BLOCK_BYTES))) : padded(head);
  } finally {
    file.close();
  }
}

/** As much as the first bytes of a gzipped file give. */
function unpackHead(packed: Buffer): Buffer {
  try {
    return padded(gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }));
  } catch {
    return Buffer.alloc(BLOCK_BYTES);
  }
}

const padded = (head: Buffer): Buffer => Buffer.concat([head, Buffer.alloc(BLOCK_BYTES)], BLOCK_BYTES);

const storeOf = (folder: string, split: Split): string => join(folder, `${split}.lmdb`);

function storeSplits(path: string): Split[] {
  return isFolderPath(path) ? splits.filter((split) => existsSync(storeOf(path, split))) : [];
}

function openStoreOrSplit(path: string, { split }: OpenDatasetOptions): Dataset {
  if (!isFolderPath(path)) {
    if (split !== 'val') return store(path);
    throw new DataError('NO_SPLIT', `${path}: a store has no val split; name a store of val itself`);
  }
  const file = storeOf(path, split ?? 'train');
  if (existsSync(file)) return store(file);
  throw new DataError('NO_SPLIT', `${path}: has no ${split} split (expected ${file})`);
}

function idxSplits(path: string): Split[] {
  return isFolderPath(path) ? splits.filter((split) => findIdxImages(path, split) !== undefined) : [];
}

/** A folder of shards, and not of class folders beside which a .tar file lies. */
function isShardFolder(path: string): boolean {
  return shardsIn(path).length > 0 && !foldersIn(path).some((name) => holdsImages(pathIn(path, name), 2));
}

function holdsImages(folder: FilePath, depth: number): boolean {
  if (listFolder(folder).some(({ name }) => isImageName(name))) return true;
  return depth > 1 && foldersIn(folder).some((name) => holdsImages(pathIn(folder, name), depth - 1));
}

function shardSplits(path: string): Split[] {
  if (!isFolderPath(path)) return [];
  const folders = foldersIn(path);
  return splits.filter((split) => folders.includes(split) && isShardFolder(join(path, split)));
}

function openShards(path: string, { split }: OpenDatasetOptions): Dataset {
  const found = shardSplits(path);
  if (found.length === 0 && split !== 'val') return webDataset(path);
  if (found.includes(split ?? 'train')) return webDataset(join(path, split ?? 'train'));
  const wanted = split ?? 'train';
  const reason = `has no ${wanted} split (expected a folder named ${wanted} with .tar files in it)`;
  throw new DataError('NO_SPLIT', `${path}: ${reason}`);
}
