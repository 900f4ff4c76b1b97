import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError } from '../../core/errors.ts';
import type { Dataset } from '../dataset.ts';
import { byCodeUnit, isFolderPath, listFolder } from '../folder/folders.ts';
import { hasClassFolders } from '../folder/holds-images.ts';
import { imageFolder } from '../folder/image-folder.ts';
import { manifest } from '../manifest/manifest.ts';
import type { OpenDatasetOptions, SourceKind } from '../opening/source-kind.ts';
import { type Division, divide, noSplit, onlyOne, splitCalled, splitIn, splitsIn } from '../opening/split.ts';
import { FileWindow } from '../pieces/file-window.ts';
import { isShardList } from '../tar/chosen-shards.ts';
import { parseTarHeader } from '../tar/tar-header.ts';
import { localMembers } from '../tar/tar-members.ts';
import { classTars, isClassTar } from './class-tars.ts';
import { findDevkit } from './devkit.ts';
import { devkitVal, valImage } from './devkit-val.ts';

/** ImageNet as it is downloaded, and what has its form: tars that are a class each. */
export const imageNetKind: SourceKind = {
  description:
    'ImageNet as it is distributed: a tar of a tar for each class, the val images with a list of their classes or the devkit, or a folder with all',
  recognises: ({ path, isFolder, head }) =>
    isFolder
      ? partAt(path) !== undefined || isDivided(path)
      : parseTarHeader(head) !== undefined && partAt(path) !== undefined,
  division: (path) =>
    isFolderPath(path) && partAt(path) === undefined ? divisionOf(path) : divide([], splitCalled),
  open: openImageNet,
};

/** Tars of classes, or images whose classes a list beside them says. */
type Part = 'class tars' | 'flat val';

const tarOfPart = /^ILSVRC2012_img_(train|val)[^/]*\.tar$/i;

/** By the first two files in a tar: samples of WebDataset have a class behind the image. */
function partOfTar(path: string): Part | undefined {
  try {
    const [first, second = first] = firstFiles(path);
    if (first === undefined || second === undefined) return undefined;
    if (/\.tar$/i.test(first)) return 'class tars';
    return valImage.test(first) && valImage.test(second) ? 'flat val' : undefined;
  } catch (error) {
    // which the kind of other tars says
    if (error instanceof DataError) return undefined;
    throw error;
  }
}

/** Names of the first two files in a tar, behind whatever headers and folders. */
function firstFiles(path: string): string[] {
  const file = new FileWindow(path);
  const names: string[] = [];
  try {
    for (const { name, isFile } of localMembers(file)) {
      if (isFile && !/(^|\/)\._/.test(name)) names.push(name);
      if (names.length === 2) break;
    }
    return names;
  } finally {
    file.close();
  }
}

/** What a folder is, or a tar. */
function partAt(path: string): Part | undefined {
  if (!isFolderPath(path)) return isShardList(path) ? undefined : partOfTar(path);
  for (const { name } of listFolder(path)) {
    if (isClassTar(name)) return 'class tars';
    if (valImage.test(name)) return 'flat val';
  }
  return undefined;
}

/** The tars and folders by split: those of ImageNet's form, and folders of class folders beside them. */
function divisionOf(path: string): Division {
  return divide(
    listFolder(path)
      .map(({ name }) => name)
      .sort(byCodeUnit),
    (name) => {
      const one = join(path, name);
      if (!isFolderPath(one)) return tarOfPart.test(name) ? splitIn(name) : undefined;
      const split = splitCalled(name);
      return split !== undefined && (partAt(one) !== undefined || hasClassFolders(one)) ? split : undefined;
    },
  );
}

/** Whether a part of what is in the folder is as it is downloaded. */
const isDivided = (path: string): boolean => {
  const division = divisionOf(path);
  const names = splitsIn(division).flatMap((split) => division[split]);
  return names.some((name) => partAt(join(path, name)) !== undefined);
};

async function openImageNet(path: string, { split, ...options }: OpenDatasetOptions): Promise<Dataset> {
  const wanted = split ?? 'train';
  const isOne = partAt(path) !== undefined;
  // it is named outright, whatever its name says
  if (isOne && wanted === 'train') return openPart(path, options);
  const division = isOne ? divide([], splitCalled) : divisionOf(path);
  const name = onlyOne(path, division, wanted);
  if (name !== undefined) return openPart(join(path, name), options);
  throw noSplit(
    path,
    wanted,
    division,
    `split (expected ILSVRC2012_img_${wanted}.tar, or a folder ${wanted})`,
  );
}

async function openPart(path: string, options: Omit<OpenDatasetOptions, 'split'>): Promise<Dataset> {
  const part = partAt(path);
  if (part === undefined) return imageFolder(path);
  return part === 'class tars' ? classTars(path) : openVal(path, options);
}

/** Lists of the classes of ImageNet's val images: Kaggle's, and Caffe's. */
const labelLists = ['LOC_val_solution.csv', 'val.txt', 'caffe_ilsvrc12/val.txt', 'ILSVRC2012_val.txt'];
/** From the val images of Kaggle's archive to its lists. */
const FOLDERS_ABOVE = 4;

/** By the nearest list of their classes; without any, by the nearest devkit. */
async function openVal(path: string, options: Omit<OpenDatasetOptions, 'split'>): Promise<Dataset> {
  const folder = isFolderPath(path) ? resolve(path) : dirname(resolve(path));
  const list = findList(folder);
  if (list !== undefined) return manifest(list, { ...options, imageRoot: path });
  const devkit = findDevkit(folder, FOLDERS_ABOVE);
  if (devkit !== undefined) return devkitVal(path, devkit, options);
  const known =
    'ILSVRC2012_devkit_t12.tar.gz, LOC_val_solution.csv (Kaggle), or val.txt with synset_words.txt (Caffe)';
  const reason = `the classes of these images are not in ${basename(path)}: put ${known} beside it`;
  throw new DataError('NO_CLASS', `${path}: ${reason}, or name a list and give --image-root (imageRoot)`);
}

function findList(start: string): string | undefined {
  for (let above = 0, folder = start; above <= FOLDERS_ABOVE; above++, folder = dirname(folder)) {
    const found = labelLists
      .map((name) => join(folder, name))
      .find((list) => existsSync(list) && statSync(list).isFile());
    if (found !== undefined) return found;
  }
  return undefined;
}
