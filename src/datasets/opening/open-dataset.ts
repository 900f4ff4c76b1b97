import { basename, join } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { isRemote } from '../../remote/remote-file.ts';
import { caffeKind } from '../caffe/caffe-kind.ts';
import { cifarKind } from '../cifar/cifar-kind.ts';
import type { Dataset } from '../dataset.ts';
import { folderDivision } from '../folder/folder-splits.ts';
import { byCodeUnit, foldersIn, isFolderPath, listFolder } from '../folder/folders.ts';
import { holdsImages } from '../folder/holds-images.ts';
import { imageFolder } from '../folder/image-folder.ts';
import { refuseAddress, refuseUnread } from '../folder/unread-formats.ts';
import { findIdxImages, idxImages } from '../idx/idx.ts';
import { isIdx } from '../idx/idx-file.ts';
import { groundTruthKind } from '../imagenet/ground-truth-kind.ts';
import { imageNetKind } from '../imagenet/image-net-kind.ts';
import { annotationsKind } from '../manifest/annotations-kind.ts';
import { manifestKind } from '../manifest/manifest-kind.ts';
import { refuseContradicted } from '../manifest/near-miss.ts';
import { npzKind } from '../npz/npz-kind.ts';
import { parquetKind } from '../parquet/parquet-kind.ts';
import { FileWindow } from '../pieces/file-window.ts';
import { isGzip, unpackHead } from '../pieces/unpack-gzip.ts';
import { store } from '../store/store.ts';
import { isStoreHead } from '../store/store-file.ts';
import { isShardList } from '../tar/chosen-shards.ts';
import { BLOCK_BYTES } from '../tar/tar-header.ts';
import { tfRecordKind } from '../tfrecord/tf-record-kind.ts';
import type { KnownAddresses } from './known-addresses.ts';
import { pathStats } from './path-stats.ts';
import { openRemote, remoteDivisionOf } from './remote-source.ts';
import {
  type OpenDatasetOptions,
  type PathInfo,
  type SourceKind,
  type SourceOptions,
  sourceFlags,
  undivided,
} from './source-kind.ts';
import { type Division, divide, noSplit, onlyOne, type Split, splitCalled, splitsIn } from './split.ts';
import { webDatasetKind } from './web-dataset-kind.ts';

// The first that recognises a path opens it. A new kind of source is one more entry.
const kinds: readonly SourceKind[] = [
  {
    description: 'a store that millrace import made, or a folder with train.lmdb and val.lmdb',
    recognises: ({ path, isFolder, head }) => (isFolder ? hasStores(path) : isStoreHead(head)),
    division: storeDivision,
    open: openStoreOrSplit,
  },
  {
    description: 'IDX files: an images file, or a folder with train-images-idx3-ubyte (.gz) and its labels',
    recognises: ({ path, isFolder, head }) =>
      isFolder ? splitsIn(idxDivision(path)).length > 0 : isIdx(head),
    division: idxDivision,
    open: idxImages,
  },
  caffeKind,
  cifarKind,
  npzKind,
  parquetKind,
  tfRecordKind,
  imageNetKind,
  groundTruthKind,
  webDatasetKind,
  annotationsKind,
  manifestKind,
  {
    description: 'a folder of images: <class>/<image>, or train/<class>/<image> and val/<class>/<image>',
    recognises: ({ path, isFolder }) => isFolder && foldersIn(path).length > 0,
    division: folderDivision,
    open: openFolder,
  },
];

/**
 * The dataset at a path, whichever kind of source it is: docs/data.md lists them. Files are told by their content, folders
 * by what is in them; class folders with images count for more than .tar and .parquet files beside them, which are often
 * what the images came in, and so do `train/` and `val/`. Addresses (`https://`, `s3://`, `hf://datasets/...`) are of shards,
 * Parquet files and TFRecords.
 */
export async function openDataset(path: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  if (isRemote(path)) return openRemote(kinds, path, options);
  const kind = kindOf(path);
  const idle = idleOptions(kind, options);
  if (idle.length > 0)
    options.onMessage?.(`${path}: ${idle.join(', ')} ${idle.length === 1 ? 'says' : 'say'} nothing of it`);
  return kind.open(path, options);
}

/** The options given that are of other kinds of sources: `labelKey (--label-key)`. */
function idleOptions(kind: SourceKind, options: OpenDatasetOptions): string[] {
  return Object.entries(sourceFlags)
    .filter(([name]) => options[name as keyof SourceOptions] !== undefined)
    .filter(([name]) => !kind.options?.some((one) => one === name))
    .map(([name, flag]) => `${name} (${flag})`);
}

/** Which splits a path holds; none where it is undivided. `known`: what the same run has found at addresses. */
export async function splitsOf(path: string, known?: KnownAddresses): Promise<readonly Split[]> {
  return splitsIn(await divisionOf(path, known));
}

/** Where a path holds which splits. */
export async function divisionOf(path: string, known?: KnownAddresses): Promise<Division> {
  return isRemote(path) ? remoteDivisionOf(kinds, path, known) : kindOf(path).division(path);
}

function kindOf(path: string): SourceKind {
  const info = look(path);
  const kind = kinds.find((candidate) => candidate.recognises(info));
  // anything with folders in it may be a folder of images
  if (kind === undefined || (kind === kinds.at(-1) && !holdsImages(path, 5)))
    refuseUnread(path, info.isFolder, info.head);
  if (kind !== undefined) return kind;
  const accepted = kinds.map(({ description }) => `\n  ${description}`).join('');
  throw new DataError(
    'UNKNOWN_SOURCE',
    `${path}: is not a dataset that can be read; expected one of:${accepted}`,
  );
}

function look(path: string): PathInfo {
  refuseAddress(path);
  if (isShardList(path)) return { path, isFolder: false, head: padded(Buffer.alloc(0)) };
  const stats = pathStats(path);
  if (stats === undefined)
    throw new DataError('MISSING_SOURCE', `${path}: no such file or folder${adviceFor(path)}`);
  const isFolder = stats.isDirectory();
  return { path, isFolder, head: isFolder ? Buffer.alloc(0) : readHead(path) };
}

/** Node gives a program's arguments as UTF-8, and this character for what is none. */
const adviceFor = (path: string): string =>
  path.includes('\ufffd') ? ' (a path that is no UTF-8 does not reach the program: name a link to it)' : '';

function readHead(path: string): Buffer {
  const file = new FileWindow(path);
  try {
    const head = Buffer.from(file.view(0, BLOCK_BYTES));
    return padded(isGzip(head) ? unpackHead(file.view(0, 8 * BLOCK_BYTES)) : head);
  } finally {
    file.close();
  }
}

const padded = (head: Buffer): Buffer => Buffer.concat([head, Buffer.alloc(BLOCK_BYTES)], BLOCK_BYTES);

function openFolder(path: string, { split }: OpenDatasetOptions): Dataset {
  refuseContradicted(path);
  return imageFolder(path, split && { split });
}

function storeDivision(path: string): Division {
  if (!isFolderPath(path)) return undivided;
  const files = listFolder(path).map(({ name }) => name);
  const ending = /\.lmdb$/i;
  const splitOf = (name: string) => (ending.test(name) ? splitCalled(name.replace(ending, '')) : undefined);
  return divide(files.sort(byCodeUnit), splitOf);
}

function hasStores(path: string): boolean {
  const { train, val } = storeDivision(path);
  return train.length + val.length > 0;
}

function openStoreOrSplit(path: string, { split }: OpenDatasetOptions): Dataset {
  const wanted = split ?? 'train';
  if (!isFolderPath(path)) {
    if (wanted === 'train') return store(path);
    throw new DataError(
      'NO_SPLIT',
      `${path}: a store has no ${wanted} split; name a store of ${wanted} itself`,
    );
  }
  const division = storeDivision(path);
  const file = onlyOne(path, division, wanted);
  if (file !== undefined) return store(join(path, file));
  throw noSplit(path, wanted, division, `split (expected ${join(path, `${wanted}.lmdb`)})`);
}

function idxDivision(path: string): Division {
  if (!isFolderPath(path)) return undivided;
  const filesOf = (split: Split) => {
    const file = findIdxImages(path, split);
    return file === undefined ? [] : [basename(file)];
  };
  return { train: filesOf('train'), val: filesOf('val'), test: filesOf('test') };
}
