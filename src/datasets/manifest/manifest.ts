import { basename, dirname, resolve } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { isRemote, type RemoteFile } from '../../remote/remote-file.ts';
import { namelessClass } from '../class-names.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { type CacheChoice, Listing } from '../opening/listing.ts';
import { RemoteFinder } from '../opening/remote-finder.ts';
import { type Split, splitIn, splitNamed } from '../opening/split.ts';
import { warnOfShards } from '../tar/chosen-shards.ts';
import { type ClassNames, classNamesBeside, remoteClassNames } from './class-names-file.ts';
import { annotationsName, readAnnotations } from './coco/annotations.ts';
import { checkRoot, imagesOf, type OpenList, type RemoteList, rootOf } from './image-root.ts';
import { listManifest, type ManifestIndex } from './list-manifest.ts';
import type { ManifestColumns } from './manifest-row.ts';
import { manifestRows } from './manifest-rows.ts';
import { textPath } from './text-lines.ts';

export interface ManifestOptions extends ManifestColumns, CacheChoice {
  /**
   * The folder that paths are in, or a .tar of them, which is read in place; or the address of either, without a signature.
   * Default: the manifest's folder.
   */
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
 * object of JSON a line (.jsonl), Caffe's lists, `path label`, or COCO's annotations of objects (.json). Keys are the paths as listed, with slashes; of absolute ones
 * in the root, the part behind it. Samples stand in the order of the list. An empty class or -1 is none (-1). Of images that
 * are not there, one among others is a bad sample; where none of those looked at is there, that is an error. The list, the
 * images or both may be on the network: `path`, `imageRoot` and the paths in it may be addresses.
 */
export function manifest(path: string, options: ManifestOptions = {}): Promise<Dataset> {
  return Listing.of([path, options.imageRoot ?? ''], options, async (listing) => {
    if (!isRemote(path)) return listedDataset({ text: path, options, listing }, options);
    const { files } = await listing.filesAt(path);
    return remoteManifest(files[0] as RemoteFile, options, listing, { address: path });
  });
}

/** The same of an object within a listing. */
export async function remoteManifest(
  file: RemoteFile,
  options: ManifestOptions,
  listing: Listing,
  { address, objects }: RemoteList = {},
): Promise<Dataset> {
  const text = { path: file.url, bytes: await listing.bytesOf(file) };
  return listedDataset({ text, file, options, listing, address, objects }, options);
}

/** The same of a list that is in memory. */
export async function listedDataset(list: OpenList, options: ManifestOptions): Promise<Dataset> {
  const { text, file, listing } = list;
  const { onMessage: tell = warnOfShards } = options;
  const path = textPath(text);
  const annotations = annotationsName.test(path) ? readAnnotations(text) : undefined;
  const root = rootOf(path, options.imageRoot ?? annotations?.imageRoot);
  const finder = new RemoteFinder(options.onMessage);
  const plainUrl = (address: string) => finder.plainUrl(address);
  const classes = options.classes ?? annotations?.classes;
  const rows = annotations?.rows ?? manifestRows(text, options);
  const index = listManifest(path, rows, { ...options, classes, root: root.replaceAll('\\', '/'), plainUrl });
  const { keys, hasSeveral } = index;
  const images = await imagesOf(list, root, keys, finder);
  await checkRoot(path, root, keys, images);
  const split = index.saysSplits ? { split: options.split ?? 'train' } : splitOf(path);
  const names = index.isNumbered ? await namesBeside(path, file, listing, tell) : undefined;
  return defineDataset({
    name: `manifest(${path}${index.saysSplits ? `, ${split.split}` : ''})`,
    ...split,
    length: keys.length,
    classes: namedClasses(path, index, names),
    key: (at) => keys[at] as string,
    label: (at) => labelsOf(index, at)[0] ?? -1,
    ...(hasSeveral && { labels: (at: number) => [...labelsOf(index, at)] }),
    ...images.source,
  });
}

const namesBeside = async (
  path: string,
  file: RemoteFile | undefined,
  listing: Listing,
  tell: (message: string) => void,
): Promise<ClassNames | undefined> =>
  file === undefined ? classNamesBeside(path, tell) : remoteClassNames(file, listing, tell);

/** What its name says; of metadata, and of annotations whose name says none, that of its folder. */
function splitOf(path: string): { readonly split?: Split } {
  const ofFolder = () => splitNamed(dirname(resolve(path)));
  if (metadataName.test(basename(path))) return ofFolder();
  const split = splitIn(basename(path));
  if (split !== undefined) return { split };
  return annotationsName.test(path) ? ofFolder() : {};
}

/** As `datasets` of Hugging Face calls the list of a folder of images. */
export const metadataName = /^metadata\.(csv|jsonl)$/i;

const labelsOf = ({ labels, ends }: ManifestIndex, at: number): Int32Array =>
  labels.subarray(ends[at - 1] ?? 0, ends[at]);

/** Of classes that are numbers the names, where they stand in a file beside. */
function namedClasses(
  path: string,
  { classes }: ManifestIndex,
  named: ClassNames | undefined,
): readonly string[] {
  if (named === undefined) return classes;
  if (named.names.length >= classes.length) return named.names;
  const reason = namelessClass(classes.length - 1, named.names.length);
  throw new DataError('INVALID_CLASS', `${path}: ${reason}: ${named.path} names them, one a line`);
}
