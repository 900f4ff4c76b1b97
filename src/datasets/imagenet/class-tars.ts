import { basename } from 'node:path';
import { DataError } from '../../core/errors.ts';
import { NumberColumn } from '../columns/number-column.ts';
import { RunColumn } from '../columns/run-column.ts';
import { TextColumn } from '../columns/text-column.ts';
import { type Dataset, defineDataset } from '../dataset.ts';
import { byCodeUnit, isFolderPath, listFolder } from '../folder/folders.ts';
import { isImageName } from '../folder/image-names.ts';
import { PassedOver } from '../folder/passed-over.ts';
import { type FilePath, pathIn, pathInWords } from '../opening/file-path.ts';
import { splitIn } from '../opening/split.ts';
import { FileWindow } from '../pieces/file-window.ts';
import { localMembers, type TarFile, type TarMember } from '../tar/tar-members.ts';
import type { TarLocator, TarReaderOptions } from '../tar/tar-reader.ts';

/**
 * Images in tars that are a class each, as ImageNet's train images are distributed: a tar of such tars, or a folder of them.
 * They are read in place: nothing is unpacked. A class is called as its tar (`n01440764.tar`); keys are the class and the
 * image's name, `n01440764/n01440764_18.JPEG`, and samples are sorted as those of the folder that the tars unpack to.
 */
export function classTars(path: string): Dataset {
  const paths = isFolderPath(path) ? tarsIn(path) : [path];
  const { images, labels, classes, passedOver } = listImages(path, paths);
  const split = splitIn(basename(path));
  const at = (index: number) => {
    const { file, keys, offsets, lengths } = images[labels.at(index)] as ClassImages;
    const own = index - labels.startAt(index);
    return { file, key: () => keys.at(own), offset: offsets.at(own), length: lengths.at(own) };
  };
  return defineDataset({
    name: `classTars(${path})`,
    ...(split !== undefined && { split }),
    length: labels.length,
    ...(passedOver !== undefined && { passedOver }),
    classes,
    key: (index) => at(index).key(),
    label: (index) => labels.at(index),
    locator: (index): TarLocator => {
      const { file, offset, length } = at(index);
      return [file, offset, length];
    },
    place: (index) => ({ path: pathInWords(paths[at(index).file] as FilePath), offset: at(index).offset }),
    byteLength: async (index) => at(index).length,
    reader: {
      module: new URL('../tar/tar-reader.js', import.meta.url).href,
      options: { paths } satisfies TarReaderOptions,
    },
  });
}

/** Whether a tar is called as a class of ImageNet's. */
export const isClassTar = (name: string): boolean => /^n\d{8}\.tar$/i.test(name);

const tarsIn = (folder: string): FilePath[] =>
  listFolder(folder)
    .map(({ name }) => name)
    .filter(isTarName)
    .map((name) => pathIn(folder, name));

const isTarName = (name: string): boolean => /\.tar$/i.test(name);
const isHidden = (name: string): boolean => /(^|\/)\./.test(name);
const withoutStart = (name: string): string => name.replace(/^(\.\/+)+/, '');

/** The images of a class, in columns. */
interface ClassImages {
  /** Number of the tar that holds them, or their class's. */
  readonly file: number;
  readonly keys: TextColumn;
  readonly offsets: NumberColumn;
  readonly lengths: NumberColumn;
}

function listImages(source: string, paths: readonly FilePath[]) {
  const found = new Map<string, ClassImages>();
  const passedOver = new PassedOver();
  const add = (tar: ClassTar, file: number): void => {
    const { name } = tar;
    if (found.has(name))
      throw new DataError('DUPLICATE_KEY', `${tar.path}: there is another tar of the class ${name}`);
    found.set(name, imagesOf(tar, file, passedOver));
  };
  for (const [file, path] of paths.entries()) {
    const window = new FileWindow(path);
    try {
      if (isFolderPath(source))
        add({ name: className(window.path), path: window.path, tar: window, start: 0 }, file);
      else for (const inner of innerTars(window, passedOver)) add(inner, file);
    } finally {
      window.close();
    }
  }
  if (found.size === 0)
    throw new DataError('NO_CLASSES', `${source}: holds no tars (expected a .tar for each class)`);
  const classes = [...found.keys()].sort(byCodeUnit);
  const images = classes.map((name) => found.get(name) as ClassImages);
  const labels = new RunColumn();
  for (const [label, { keys }] of images.entries())
    for (let own = 0; own < keys.length; own++) labels.push(label);
  return { images, labels, classes, passedOver: passedOver.inWords };
}

/** A tar with the images of a class. */
interface ClassTar {
  readonly name: string;
  /** For people. */
  readonly path: string;
  readonly tar: TarFile;
  /** Where it begins in its file. */
  readonly start: number;
}

const className = (path: string): string => basename(path).replace(/\.tar$/i, '');

/** The tars in a tar, where they lie in it. */
function* innerTars(outer: FileWindow, passedOver: PassedOver): Generator<ClassTar> {
  for (const member of localMembers(outer)) {
    const name = withoutStart(member.name);
    if (!member.isFile || isHidden(name)) continue;
    if (isTarName(name)) {
      const path = `${outer.path}: ${name}`;
      yield { name: className(name), path, tar: partOf(outer, path, member), start: member.offset };
    } else passedOver.add(name);
  }
}

/** A file within another one. */
const partOf = (file: TarFile, path: string, { offset, length }: TarMember): TarFile => ({
  path,
  size: length,
  view: (position, bytes) =>
    file.view(offset + Math.min(position, length), Math.max(0, Math.min(bytes, length - position))),
});

function imagesOf({ name, path, tar, start }: ClassTar, file: number, passedOver: PassedOver): ClassImages {
  const images: { readonly key: string; readonly offset: number; readonly length: number }[] = [];
  for (const member of localMembers(tar)) {
    const own = withoutStart(member.name);
    if (!member.isFile || isHidden(own)) continue;
    // some have the folder of the class in them
    const key = own.startsWith(`${name}/`) ? own : `${name}/${own}`;
    if (isImageName(own)) images.push({ key, offset: start + member.offset, length: member.length });
    else passedOver.add(own);
  }
  if (images.length === 0) throw new DataError('EMPTY_CLASS', `${path}: has no images (jpg, png, webp, ...)`);
  images.sort((a, b) => byCodeUnit(a.key, b.key));
  const [keys, offsets, lengths] = [new TextColumn(), new NumberColumn(), new NumberColumn()];
  for (const [at, { key, offset, length }] of images.entries()) {
    if (key === images[at + 1]?.key) throw new DataError('DUPLICATE_KEY', `${path}: ${key} is there twice`);
    keys.push(key);
    offsets.push(offset);
    lengths.push(length);
  }
  for (const column of [keys, offsets, lengths]) column.finish();
  return { file, keys, offsets, lengths };
}
