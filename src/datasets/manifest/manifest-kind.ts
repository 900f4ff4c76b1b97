import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../core/errors.ts';
import type { Dataset } from '../dataset.ts';
import { byCodeUnit, foldersIn, isFolderPath, listFolder } from '../folder/folders.ts';
import { hasClassFolders } from '../folder/holds-images.ts';
import { isImageName } from '../folder/image-names.ts';
import { pathIn, systemPath } from '../opening/file-path.ts';
import type { OpenDatasetOptions, PathInfo, SourceKind } from '../opening/source-kind.ts';
import { type Division, divide, noSplit, onlyOne, splitCalled, splitIn, splitsIn } from '../opening/split.ts';
import { listName, saidDivision } from './list-names.ts';
import { metadataName, openManifest } from './manifest.ts';
import { manifestRows } from './manifest-rows.ts';
import { remoteManifestKind } from './remote-manifest-kind.ts';

export const manifestKind: SourceKind = {
  description:
    'a list of images and classes: .csv, .tsv, .jsonl, .txt or .lst; a folder with metadata.csv, or with train.csv and val.csv',
  options: ['imageMember', 'labelKey', 'imageRoot', 'labelSeparator'],
  recognises: ({ path, isFolder }: PathInfo) =>
    isFolder ? listsIn(path) !== undefined : listName.test(path),
  division: (path) => (isFolderPath(path) ? folderDivision(path) : saidDivision(path)),
  open,
  remote: remoteManifestKind,
};

/** The lists of a folder: one, in the folder; or files, or folders with one each, by split. */
type FolderLists = { readonly only: string } | { readonly division: Division };

function listsIn(path: string): FolderLists | undefined {
  const only = metadataIn(path);
  if (only !== undefined) return { only };
  const folders = foldersIn(path).sort(byCodeUnit);
  const ofFolders = divide(folders, (name) => {
    const split = splitCalled(name);
    return split !== undefined && metadataIn(join(path, name)) !== undefined ? split : undefined;
  });
  if (splitsIn(ofFolders).length > 0) return { division: ofFolders };
  const files = listFolder(path).map(({ name }) => name);
  const named = files.filter((name) => listName.test(name) && splitIn(name) !== undefined);
  const isList = (name: string) => isDataset(path, join(path, name), folders);
  const division = divide(named.sort(byCodeUnit), (name) => (isList(name) ? splitIn(name) : undefined));
  return splitsIn(division).length > 0 ? { division } : undefined;
}

/** Beside images that lie there without class folders, or whose first is where it says. */
function metadataIn(folder: string): string | undefined {
  const entries = listFolder(folder).map(({ name }) => name);
  const name = entries.find((one) => metadataName.test(one));
  if (name === undefined) return undefined;
  const path = join(folder, name);
  return entries.some(isImageName) || findsFirst(folder, path) ? path : undefined;
}

/**
 * Whether a list that is named as a split is the dataset, and not something beside class folders: its first image is where it
 * says, or there are no class folders. Folders of class folders that are named as a split are the dataset themselves.
 */
function isDataset(folder: string, path: string, folders: readonly string[]): boolean {
  const isDivided = folders.some((name) => splitCalled(name) && hasClassFolders(join(folder, name)));
  if (isDivided) return false;
  return findsFirst(folder, path) || !hasClassFolders(folder);
}

function findsFirst(folder: string, path: string): boolean {
  try {
    for (const { path: image } of manifestRows(path, {}))
      return existsSync(systemPath(pathIn(folder, image)));
    return false;
  } catch (error) {
    // the list of something else
    if (error instanceof DataError) return false;
    throw error;
  }
}

function folderDivision(path: string): Division {
  const lists = listsIn(path);
  if (lists === undefined) return divide([], splitCalled);
  return 'only' in lists ? saidDivision(lists.only) : lists.division;
}

async function open(path: string, { split, ...options }: OpenDatasetOptions): Promise<Dataset> {
  const wanted = split ?? 'train';
  const lists = isFolderPath(path) ? listsIn(path) : undefined;
  const file = lists === undefined ? path : 'only' in lists ? lists.only : undefined;
  if (file !== undefined) return openFile(file, wanted, options);
  const { division } = lists as Extract<FolderLists, { readonly division: Division }>;
  const name = onlyOne(path, division, wanted);
  if (name === undefined)
    throw noSplit(path, wanted, division, `split (expected ${join(path, `${wanted}.csv`)})`);
  const found = join(path, name);
  const list = isFolderPath(found) ? (metadataIn(found) as string) : found;
  return openManifest(list, options);
}

/** A list that says no splits is named outright, whatever its name says; it has no other one. */
async function openFile(
  file: string,
  split: NonNullable<OpenDatasetOptions['split']>,
  options: Omit<OpenDatasetOptions, 'split'>,
): Promise<Dataset> {
  const division = saidDivision(file);
  if (split === 'train' || splitsIn(division).length > 0) return openManifest(file, { ...options, split });
  throw noSplit(file, split, division, 'rows (a column "split" says which are; or name a list of its own)');
}
