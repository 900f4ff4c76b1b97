import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RemoteFile } from '../../remote/remote-file.ts';
import type { Dataset } from '../dataset.ts';
import { byCodeUnit, foldersIn, isFolderPath, listFolder } from '../folder/folders.ts';
import { type OpenDatasetOptions, type SourceKind, undivided } from '../opening/source-kind.ts';
import { shownSource } from '../opening/source-path.ts';
import { type Division, divide, noSplit, onlyOne, splitCalled, splitIn, splitsIn } from '../opening/split.ts';
import { annotationsName } from './coco/annotations.ts';
import { manifest, remoteManifest } from './manifest.ts';

/** COCO's annotations of objects: each image has the classes of what is seen in it. */
export const annotationsKind: SourceKind = {
  description:
    "COCO's annotations (.json); a folder with annotations/instances_train2017.json, or with train/_annotations.coco.json",
  options: ['imageRoot'],
  recognises: ({ path, isFolder }) =>
    isFolder ? splitsIn(divisionOf(path)).length > 0 || isAnnotated(path) : annotationsName.test(path),
  division: (path) => (isFolderPath(path) ? divisionOf(path) : undivided),
  open,
  remote: {
    isObject: (_, name) => annotationsName.test(name),
    // its images are in folders that it does not name
    isFolder: () => false,
    division: () => undivided,
    async open(url, { files }, { split = 'train', ...options }, listing) {
      if (split !== 'train') throw noSplit(shownSource(url), split, undivided, 'split: name its own file');
      return remoteManifest(files[0] as RemoteFile, options, listing, { address: url });
    },
  },
};

const FOLDER = 'annotations';
/** As COCO calls them: those of captions and key points lie beside. */
const instances = /^instances_.*\.json$/i;
/** As Roboflow calls the file beside the images. */
const beside = '_annotations.coco.json';

/** Without listing a folder that may have millions of images. */
const isAnnotated = (folder: string): boolean => existsSync(join(folder, beside));

/** The files of a folder by split, or its folders with such a file. */
function divisionOf(path: string): Division {
  const folders = foldersIn(path).sort(byCodeUnit);
  const files = folders.includes(FOLDER) ? listFolder(join(path, FOLDER)).map(({ name }) => name) : [];
  const ofFiles = divide(files.filter((name) => instances.test(name)).sort(byCodeUnit), splitIn);
  if (splitsIn(ofFiles).length > 0) return inFolder(ofFiles);
  return divide(folders, (name) => {
    const split = splitCalled(name);
    return split !== undefined && isAnnotated(join(path, name)) ? split : undefined;
  });
}

const inFolder = ({ train, val, test }: Division): Division => {
  const within = (names: readonly string[]) => names.map((name) => `${FOLDER}/${name}`);
  return { train: within(train), val: within(val), test: within(test) };
};

function open(path: string, { split = 'train', ...options }: OpenDatasetOptions): Promise<Dataset> {
  const isFolder = isFolderPath(path);
  const division = isFolder ? divisionOf(path) : undivided;
  if (splitsIn(division).length === 0) {
    // it is named outright, whatever its name says
    if (split === 'train') return manifest(isFolder ? join(path, beside) : path, options);
    throw noSplit(path, split, division, 'split: name its own file');
  }
  const name = onlyOne(path, division, split);
  if (name === undefined)
    throw noSplit(path, split, division, `split (expected ${FOLDER}/instances_${split}2017.json)`);
  return manifest(isFolderPath(join(path, name)) ? join(path, name, beside) : join(path, name), options);
}
