import { basename, posix } from 'node:path';
import { DataError } from '../../core/errors.ts';
import type { Dataset } from '../dataset.ts';
import { byCodeUnit, isFolderPath, listFolder } from '../folder/folders.ts';
import { listedDataset } from '../manifest/manifest.ts';
import { Listing } from '../opening/listing.ts';
import type { OpenDatasetOptions } from '../opening/source-kind.ts';
import { FileWindow } from '../pieces/file-window.ts';
import { localMembers } from '../tar/tar-members.ts';
import { type Devkit, groundTruthName, readDevkit } from './devkit.ts';

export const valImage = /(^|\/)ILSVRC2012_val_(\d{8})\.JPEG$/i;

/**
 * ImageNet's val images, in a folder or a tar, with the classes that the devkit says of them by their order. They are the samples that
 * Caffe's `val.txt` lists, with the same keys; classes are called and numbered as the folders of train are.
 */
export function devkitVal(path: string, devkitPath: string, options: OpenDatasetOptions): Promise<Dataset> {
  const devkit = readDevkit(devkitPath);
  const names = imageNames(path);
  checkOrder(path, names, devkit);
  const { ids, byId, classes } = devkit;
  const lines = names.map((name, at) => `${name} ${byId.get(ids[at] as number)}\n`);
  const text = { path: devkit.path, bytes: Buffer.from(lines.join('')) };
  const manifestOptions = { ...options, imageRoot: path, classes };
  return listedDataset({ text, options: manifestOptions, listing: Listing.local }, manifestOptions);
}

/** In the order of their numbers. */
function imageNames(path: string): string[] {
  const names = isFolderPath(path) ? listFolder(path).map(({ name }) => name) : membersOf(path);
  const byNumber = (a: string, b: string) => byCodeUnit(basename(a), basename(b));
  return names.filter((name) => valImage.test(name)).sort(byNumber);
}

function membersOf(path: string): string[] {
  const file = new FileWindow(path);
  try {
    return [...localMembers(file)]
      .filter(({ isFile, name }) => isFile && !/(^|\/)\._/.test(name))
      .map(({ name }) => posix.normalize(name));
  } finally {
    file.close();
  }
}

/** A class belongs to its image by the order alone: they must all be there. */
function checkOrder(path: string, names: readonly string[], { path: truth, ids }: Devkit): void {
  const remedy = `a part of the images needs a list of its own (a line ILSVRC2012_val_00000001.JPEG n01751748 each; --image-root)`;
  if (names.length !== ids.length)
    throw new DataError(
      'INVALID_MANIFEST',
      `${truth}: has ${ids.length} lines, expected one for each of ${names.length} images in ${path}: unpack both again; ${remedy}`,
    );
  const wrong = names.findIndex((name, at) => Number(valImage.exec(name)?.[2]) !== at + 1);
  if (wrong === -1) return;
  const got = `${groundTruthName} says the classes by the images' order, and image ${wrong + 1} is ${names[wrong]}`;
  throw new DataError('INVALID_MANIFEST', `${path}: ${got}: ${remedy}`);
}
