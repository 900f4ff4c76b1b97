import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { namelessClass } from '../class-names.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { pathStats } from '../path-stats.ts';
import { type Split, splitIn, splitNamed } from '../split.ts';
import { warnOfShards } from '../tar/chosen-shards.ts';
import { classNamesBeside } from './class-names-file.ts';
import { listManifest, type ManifestIndex } from './list-manifest.ts';
import { folderImages, type ListedImages, tarImages } from './listed-images.ts';
import type { ManifestColumns } from './manifest-row.ts';

export interface ManifestOptions extends ManifestColumns {
  /** The folder that paths are in, or a .tar of them, which is read in place. Default: the manifest's folder. */
  readonly imageRoot?: string | undefined;
  /** Of a manifest whose rows say their split: which are taken. Default 'train'. */
  readonly split?: Split | undefined;
  /**
   * Names of the classes 0, 1, 2, ... Default: the texts, sorted; of numbers the lines of `classes.txt`, `labels.txt` or
   * `synsets.txt` beside the manifest, or the numbers up to the highest.
   */
  readonly classes?: readonly string[] | undefined;
  /** Hears what is passed over. Default: a warning of the process. */
  readonly onMessage?: ((message: string) => void) | undefined;
}

/**
 * Images that a file lists with their classes: a table (CSV, TSV, with `;` too, with a header or without), a file with an
 * object of JSON a line (.jsonl), or Caffe's lists, `path label`. Keys are the paths as listed, with slashes; of absolute ones
 * in the root, the part behind it. Samples stand in the order of the list. An empty class or -1 is none (-1). Of images that
 * are not there, one among others is a bad sample; where none of those looked at is there, that is an error.
 */
export async function manifest(path: string, options: ManifestOptions = {}): Promise<Dataset> {
  const { onMessage: tell = warnOfShards } = options;
  const root = resolve(options.imageRoot ?? dirname(path));
  const index = listManifest(path, { ...options, root: root.replaceAll('\\', '/') });
  const { keys, hasSeveral } = index;
  const images = isFilePath(root) ? tarImages(root, keys) : folderImages(root, keys);
  checkRoot(path, root, keys, images);
  const split = index.saysSplits ? { split: options.split ?? 'train' } : splitOf(path);
  return defineDataset({
    name: `manifest(${path}${index.saysSplits ? `, ${split.split}` : ''})`,
    ...split,
    length: keys.length,
    classes: namedClasses(path, index, tell),
    key: (at) => keys[at] as string,
    label: (at) => labelsOf(index, at)[0] ?? -1,
    ...(hasSeveral && { labels: (at: number) => [...labelsOf(index, at)] }),
    ...images.source,
  });
}

/** Of a root that is no folder: a tar. */
const isFilePath = (path: string): boolean => pathStats(path)?.isFile() === true;

/** What its name says; of metadata that of its folder. */
function splitOf(path: string): { readonly split?: Split } {
  if (metadataName.test(basename(path))) return splitNamed(dirname(resolve(path)));
  const split = splitIn(basename(path));
  return split === undefined ? {} : { split };
}

/** As `datasets` of Hugging Face calls the list of a folder of images. */
export const metadataName = /^metadata\.(csv|jsonl)$/i;

const labelsOf = ({ labels, ends }: ManifestIndex, at: number): Int32Array =>
  labels.subarray(ends[at - 1] ?? 0, ends[at]);

/** Of classes that are numbers the names, where they stand in a file beside. */
function namedClasses(
  path: string,
  { classes, isNumbered }: ManifestIndex,
  tell: (message: string) => void,
): readonly string[] {
  const named = isNumbered ? classNamesBeside(path, tell) : undefined;
  if (named === undefined) return classes;
  if (named.names.length >= classes.length) return named.names;
  const reason = namelessClass(classes.length - 1, named.names.length);
  throw new DataError('INVALID_CLASS', `${path}: ${reason}: ${named.path} names them, one a line`);
}

const LOOKED_AT = 64;

/** To look for millions of files would take minutes: if not one of some is there, the root is another one. */
function checkRoot(path: string, root: string, keys: readonly string[], { isThere }: ListedImages): void {
  const step = Math.max(1, keys.length / LOOKED_AT);
  for (let at = 0; at < keys.length; at += step) if (isThere(Math.floor(at))) return;
  const first = keys[0] as string;
  const where = isAbsolute(first) ? first : join(root, first);
  const looked = Math.min(keys.length, LOOKED_AT);
  const reason = `not one of ${looked} images looked at is there, the first at ${where}`;
  throw new DataError('MISSING_FILES', `${path}: ${reason}: imageRoot (--image-root) says where paths begin`);
}
